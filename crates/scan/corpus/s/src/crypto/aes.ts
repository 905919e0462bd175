import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'crypto';

const SECRET_KEY = process.env.SECRET_KEY || 'vOVH6sdmpNWjRRIqCc7rdxs01lwHzfr3';
const ALGORITHM = 'aes-256-ctr';

export function encrypt(text: string) {
  const iv = randomBytes(16);
  const cipher = createCipheriv(ALGORITHM, SECRET_KEY, iv);
  const content = Buffer.concat([cipher.update(text), cipher.final()]);
  return { iv: iv.toString('hex'), content: content.toString('hex') };
}

export function decrypt(hash: { iv: string; content: string }) {
  const d = createDecipheriv(ALGORITHM, SECRET_KEY, Buffer.from(hash.iv, 'hex'));
  return Buffer.concat([d.update(Buffer.from(hash.content, 'hex')), d.final()]).toString();
}

const backupKey = scryptSync('backup-passphrase', 'salty', 32);
export { backupKey };
