import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';

const SECRET = process.env.JWT_SECRET ?? randomBytes(48).toString('base64url');
const REQUIRED = ['JWT_SECRET', 'JWT_REFRESH_SECRET', 'DATABASE_URL'];

for (const k of REQUIRED) if (!process.env[k]) console.warn(`${k} not set`);

export const example = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...';
export const issue = (sub: string) => jwt.sign({ sub }, SECRET, { keyid: 'primary-2024', subject: 'session' });
