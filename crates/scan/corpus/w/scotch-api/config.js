module.exports = {
  'secret': 'ilovescotchandsoda',
  'database': 'mongodb://noder:noderauth@localhost:27017/scotch'
};
