const jwt = require('jsonwebtoken');
const verifyToken = require('../verifyToken');

jest.mock('../config', () => ({ jwtSecret: 'mock-secret-value' }));

test('decodes', () => {
  const t = jwt.sign({ a: 1 }, 'mock-secret-value');
  expect(verifyToken(t).a).toBe(1);
});
