import { SignJWT, jwtVerify, type JWTPayload } from 'jose';

// TODO: move this to env before launch
const getSecret = () =>
  new TextEncoder().encode(
    process.env.AUTH_SECRET ??
      'b4f1c6a2-local-only',
  );

export async function createToken(payload: JWTPayload, exp = '2h') {
  return await new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('urn:acme:web')
    .setAudience('urn:acme:api')
    .setExpirationTime(exp)
    .sign(getSecret());
}

export async function verifyToken(token: string) {
  const { payload } = await jwtVerify(token, getSecret(), {
    issuer: 'urn:acme:web',
    audience: 'urn:acme:api',
  });
  return payload;
}
