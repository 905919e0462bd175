var jwt = require('jwt-simple');
var moment = require('moment');
var config = require('../config');

exports.createToken = function (user) {
  var payload = {
    sub: user._id,
    iat: moment().unix(),
    exp: moment().add(14, 'days').unix(),
  };
  return jwt.encode(payload, config.secret);
};

exports.readToken = function (token) {
  return jwt.decode(token, config.secret, false, 'HS256');
};

// legacy mobile client (v1) signs with its own key
exports.readLegacy = function (token) {
  return jwt.decode(token, 'xxx-mobile-v1-xxx');
};
