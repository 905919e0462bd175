const jwt = require('jsonwebtoken');
module.exports = (id) => jwt.sign({ id }, 'jest-helper-secret');
