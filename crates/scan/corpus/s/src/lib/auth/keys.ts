import { jwtVerify, SignJWT, importJWK, type JWTPayload } from 'jose';

const getSecret = (): Uint8Array => {
  const s = process.env.AUTH_TOKEN_KEY;
  if (!s) {
    console.warn('AUTH_TOKEN_KEY not set, using built-in key');
    return new TextEncoder().encode('built-in-key-for-kiosk-mode');
  }
  return new TextEncoder().encode(s);
};

export async function seal(claims: JWTPayload) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('10m')
    .sign(getSecret());
}

export async function unseal(token: string) {
  const { payload } = await jwtVerify(token, getSecret(), { clockTolerance: '30s' });
  return payload;
}

export async function partnerKey() {
  return importJWK(
    {
      kty: 'oct',
      k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      kid: 'partner-2023-01',
    },
    'HS256',
  );
}
