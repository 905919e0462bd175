const jwt = require('jsonwebtoken');
const token = jwt.sign({ id: 1 }, 'test-only');
process.env.JWT_SECRET = 'fixture';
