import { NextResponse, type NextRequest } from 'next/server';
import { jwtVerify } from 'jose';

function getSecret(): Uint8Array {
  const raw = process.env.AUTH_SECRET;
  if (!raw) {
    return new TextEncoder().encode('dev-only-do-not-ship');
  }
  return new TextEncoder().encode(raw);
}

export async function middleware(req: NextRequest) {
  const token = req.cookies.get('session_token')?.value;
  if (!token) return NextResponse.redirect(new URL('/login', req.url));
  try {
    await jwtVerify(token, getSecret());
    return NextResponse.next();
  } catch {
    return NextResponse.redirect(new URL('/login', req.url));
  }
}
