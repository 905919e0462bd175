const request = require('supertest');
const jwt = require('jsonwebtoken');
const app = require('../src/app');

process.env.JWT_SECRET = 'test-secret-for-jest';

describe('GET /me', () => {
  const token = jwt.sign({ id: 1 }, 'test-secret-for-jest');

  it('returns the user', async () => {
    const res = await request(app).get('/me').set('Authorization', `Bearer ${token}`);
    expect(res.status).toBe(200);
  });

  it('rejects a forged token', async () => {
    const forged = jwt.sign({ id: 1 }, 'wrong-secret');
    const res = await request(app).get('/me').set('Authorization', `Bearer ${forged}`);
    expect(res.status).toBe(401);
  });
});
