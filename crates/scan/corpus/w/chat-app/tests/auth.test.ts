import jwt from 'jsonwebtoken';
import request from 'supertest';
import app from '../src/app';

process.env.JWT_SECRET = 'test-secret-for-jest';

describe('auth', () => {
  const SECRET = 'test-secret-for-jest';
  it('rejects a token signed with another key', async () => {
    const bad = jwt.sign({ id: 1 }, 'attacker-secret');
    const res = await request(app).get('/me').set('Authorization', `Bearer ${bad}`);
    expect(res.status).toBe(401);
  });
  it('accepts', async () => {
    const t = jwt.sign({ id: 1 }, SECRET);
    expect((await request(app).get('/me').set('Authorization', `Bearer ${t}`)).status).toBe(200);
  });
});
