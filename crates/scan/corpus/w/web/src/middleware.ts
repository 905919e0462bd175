import { NextResponse, type NextRequest } from 'next/server';
import * as jose from 'jose';

export const getJwtSecretKey = (): Uint8Array => {
  const secret = process.env.NEXT_PUBLIC_JWT_SECRET_KEY;
  if (!secret) {
    return new TextEncoder().encode('fallback-key-for-local-run');
  }
  return new TextEncoder().encode(secret);
};

export async function middleware(req: NextRequest) {
  const token = req.cookies.get('user-token')?.value;
  if (!token) return NextResponse.redirect(new URL('/login', req.url));
  try {
    await jose.jwtVerify(token, getJwtSecretKey(), { issuer: 'urn:acme:issuer', audience: 'urn:acme:audience' });
    return NextResponse.next();
  } catch {
    return NextResponse.redirect(new URL('/login', req.url));
  }
}
