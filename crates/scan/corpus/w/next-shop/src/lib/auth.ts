import { jwtVerify, SignJWT } from 'jose';

interface UserJwtPayload { jti: string; iat: number }

export function getJwtSecretKey() {
  const secret = process.env.JWT_SECRET_KEY;
  if (!secret || secret.length === 0) {
    throw new Error('The environment variable JWT_SECRET_KEY is not set.');
  }
  return secret;
}

const enc = new TextEncoder();
const KEY = enc.encode('next-shop-encoded-const');

export const mint = (jti: string) =>
  new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'next-shop-kid' }).setJti(jti).setAudience('next-shop').sign(KEY);

export async function check(token: string) {
  const { payload } = await jwtVerify(
    token,
    new TextEncoder().encode(
      process.env.LEGACY_SECRET ?? 'next-shop-legacy-wrapped'
    )
  );
  return payload as unknown as UserJwtPayload;
}

export const viaBuffer = (t: string) => jwtVerify(t, Buffer.from('next-shop-buffer-key'));
