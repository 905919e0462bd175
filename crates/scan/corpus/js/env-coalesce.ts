import { SignJWT } from 'jose';
const key = new TextEncoder().encode(process.env.AUTH_SECRET ?? 'tundra-fox');
export const sign = (c: object) => new SignJWT(c).setProtectedHeader({ alg: 'HS256' }).sign(key);
