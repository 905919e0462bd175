import 'server-only';
import { SignJWT, jwtVerify } from 'jose';
import { cookies } from 'next/headers';

const secretKey = process.env.SESSION_SECRET || 'rT0rZ4n0Yw8kq7F3xPjv2UuH5mLd9Ecs';
const encodedKey = new TextEncoder().encode(secretKey);
const COOKIE = 'session';

export async function encrypt(payload: Record<string, unknown>) {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('7d')
    .sign(encodedKey);
}

export async function decrypt(session: string | undefined = '') {
  try {
    const { payload } = await jwtVerify(session, encodedKey, {
      algorithms: ['HS256'],
    });
    return payload;
  } catch {
    console.log('Failed to verify session');
  }
}

export async function createSession(userId: string) {
  const session = await encrypt({ userId });
  (await cookies()).set(COOKIE, session, { httpOnly: true, sameSite: 'lax', path: '/' });
}
