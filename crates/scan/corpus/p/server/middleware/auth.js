const jwt = require('jsonwebtoken');
const { expressjwt } = require('express-jwt');
module.exports = expressjwt({
  secret: 'thisisnotasecret',
  algorithms: ['HS256'],
  credentialsRequired: false,
  getToken: (req) => req.cookies['auth-token'],
});
module.exports.check = (req, res, next) => {
  const token = req.headers['x-access-token'];
  jwt.verify(token, 'thisisnotasecret', (err, decoded) => {
    if (err) return res.status(401).json({ message: 'Invalid token secret' });
    next();
  });
};
