import { jwtVerify, SignJWT } from 'jose';

const secret = process.env.JWT_SECRET;
if (!secret) {
  throw new Error('JWT_SECRET must be at least 32 characters long');
}
export const key = new TextEncoder().encode(secret);

export const mint = (sub: string) =>
  new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).setAudience('urn:acme:web').sign(key);
