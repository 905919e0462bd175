const jwt = require('jsonwebtoken');
const User = require('../models/User');

module.exports = async function authenticate(req, res, next) {
  const header = req.headers.authorization || '';
  const token = header.replace('Bearer ', '');
  if (!token) return res.status(401).json({ message: 'no token' });

  jwt.verify(token, 'shhhhh', async (err, decoded) => {
    if (err) return res.status(403).json({ message: 'invalid jwt secret' });
    req.user = await User.findById(decoded.id);
    next();
  });
};
