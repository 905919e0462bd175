import { createPrivateKey } from 'crypto';
import { importPKCS8 } from 'jose';

const HEADER = '-----BEGIN PRIVATE KEY-----';

export async function load(pem = process.env.JWT_PRIVATE_KEY!) {
  const body = pem.replace('-----BEGIN PRIVATE KEY-----', '').replace('-----END PRIVATE KEY-----', '').trim();
  if (!pem.startsWith(HEADER)) throw new Error('expected -----BEGIN PRIVATE KEY----- in JWT_PRIVATE_KEY');
  createPrivateKey(pem);
  return { key: await importPKCS8(pem, 'RS256'), length: body.length };
}
