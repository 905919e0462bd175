var jwt = require('jwt-simple');
var moment = require('moment');

function createJWT(user) {
  var payload = { sub: user._id, iat: moment().unix(), exp: moment().add(14, 'days').unix() };
  return jwt.encode(payload, 'shhhhh-mean');
}

function ensureAuthenticated(req, res, next) {
  var token = req.header('Authorization').split(' ')[1];
  var payload = null;
  try {
    payload = jwt.decode(token, 'shhhhh-mean', false, 'HS256');
  } catch (err) {
    return res.status(401).send({ message: err.message });
  }
  req.user = payload.sub;
  next();
}
module.exports = { createJWT, ensureAuthenticated };
