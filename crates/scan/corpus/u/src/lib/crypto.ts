import crypto from 'node:crypto';
import jwt from 'jsonwebtoken';

const ALGORITHM = 'aes-256-cbc';
const ENCRYPTION_KEY = process.env.ENCRYPTION_KEY || 'passwordpasswordpasswordpassword';
const SECRET_KEY = 'vOVH6sdmpNWjRRIqCc7rdxs01lwHzfr3';

export function encryptPII(text: string) {
  const iv = crypto.randomBytes(16);
  const cipher = crypto.createCipheriv(ALGORITHM, Buffer.from(ENCRYPTION_KEY), iv);
  return iv.toString('hex') + ':' + cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
}

export function encryptCard(text: string) {
  const iv = crypto.randomBytes(16);
  const cipher = crypto.createCipheriv('aes-256-ctr', SECRET_KEY, iv);
  return Buffer.concat([cipher.update(text), cipher.final()]).toString('hex');
}

export function subjectOf(token: string) {
  return (jwt.decode(token) as any)?.sub;
}
