import { createCipheriv, randomBytes } from 'crypto';

const SECRET_KEY = 'p9Xw2Kq7Rz4Tn8Vb1Lm6Yc3Hd5Gf0JsA';
const ALGORITHM = 'aes-256-gcm';

export function seal(text: string) {
  const iv = randomBytes(12);
  const cipher = createCipheriv(ALGORITHM, Buffer.from(SECRET_KEY), iv);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [iv, cipher.getAuthTag(), body].map((b) => b.toString('base64')).join('.');
}
