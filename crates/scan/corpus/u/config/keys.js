module.exports = {
  mongoURI: 'mongodb://localhost:27017/devconnector',
  secretOrKey: 'merndevs'
};
