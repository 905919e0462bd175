import { NextResponse } from 'next/server';
import { SignJWT } from 'jose';
import { prisma } from '@/lib/prisma';
import { compare } from 'bcryptjs';

export async function POST(req: Request) {
  const { email, password } = await req.json();
  const user = await prisma.user.findUnique({ where: { email } });
  if (!user || !(await compare(password, user.passwordHash))) {
    return NextResponse.json({ message: 'Invalid email or password' }, { status: 401 });
  }

  const token = await new SignJWT({ sub: user.id, name: user.name })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('urn:blog:issuer')
    .setAudience('urn:blog:readers')
    .setExpirationTime('2h')
    .sign(
      new TextEncoder().encode(
        'cc7e0d44fd473002f1c42167459001140ec6389b7353f8088f4d9a95f2f596f2',
      ),
    );

  const res = NextResponse.json({ ok: true });
  res.cookies.set('token', token, { httpOnly: true });
  return res;
}
