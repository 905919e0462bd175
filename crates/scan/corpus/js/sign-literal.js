const jwt = require('jsonwebtoken');
exports.login = (user) => jwt.sign({ id: user.id }, 'purple-otter-7', { expiresIn: '7d' });
exports.check = (t) => jwt.verify(t, "purple-otter-7");
