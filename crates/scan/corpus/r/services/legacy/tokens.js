var jwt = require('jwt-simple');
var moment = require('moment');

exports.create = function (user) {
  var payload = { sub: user._id, exp: moment().add(14, 'days').unix() };
  return jwt.encode(payload, 'N0tT00Long');
};

exports.read = function (token) {
  return jwt.decode(token, 'N0tT00Long', false, 'HS256');
};
