import request from 'supertest';
import jwt from 'jsonwebtoken';
import { app } from '../src/app';

process.env.JWT_SECRET = 'unit-test-secret';

describe('auth', () => {
  it('rejects a token signed with another key', async () => {
    const forged = jwt.sign({ sub: '1', admin: true }, 'attacker-controlled-key');
    await request(app).get('/me').set('Authorization', `Bearer ${forged}`).expect(401);
  });

  it('accepts a valid token', async () => {
    const token = jwt.sign({ sub: '1' }, process.env.JWT_SECRET || 'unit-test-secret');
    const res = await request(app).get('/me').set('Authorization', `Bearer ${token}`);
    expect(res.status).toBe(200);
  });
});
