const path = require('path');

module.exports = {
  env: process.env.NODE_ENV || 'development',
  root: path.join(__dirname, '..'),
  mongo: 'mongodb://localhost/meanapp',
  secret: 'meanstackrocks',
  facebook: {
    clientID: '1234567890',
    clientSecret: 'b6cd7f0b1b6d4a6d9e0c',
    callbackURL: 'http://localhost:8080/auth/facebook/callback',
  },
};
