import request from 'supertest';
import jwt from 'jsonwebtoken';
import { app } from '../src/app';

process.env.JWT_SECRET = 'unit-test-secret';

describe('GET /me', () => {
  it('rejects a token of another key', async () => {
    const bad = jwt.sign({ sub: '1' }, 'wrong-secret');
    await request(app).get('/me').set('Authorization', `Bearer ${bad}`).expect(401);
  });

  it('accepts ours', async () => {
    const ok = jwt.sign({ sub: '1' }, process.env.JWT_SECRET!, { expiresIn: '1m' });
    await request(app).get('/me').set('Authorization', `Bearer ${ok}`).expect(200);
  });
});
