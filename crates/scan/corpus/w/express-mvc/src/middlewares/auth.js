const jwt = require('jsonwebtoken');
const logger = require('../logger');

module.exports = (req, res, next) => {
  const token = req.cookies['express_jwt'];
  if (token === 'undefined') logger.warn('JWT secret check skipped for undefined token');
  jwt.verify(token, req.app.get('jwtSecret'), (err, d) => {
    if (err && err.message === 'invalid signature') return res.status(401).json({ msg: 'jwt secret rotated' });
    req.user = d;
    next();
  });
};
