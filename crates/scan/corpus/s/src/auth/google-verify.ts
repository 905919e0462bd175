import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, importSPKI, jwtVerify } from 'jose';

const JWKS = createRemoteJWKSet(new URL('https://www.googleapis.com/oauth2/v3/certs'));

const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----`;

export async function verifyGoogle(idToken: string) {
  return jwtVerify(idToken, JWKS, {
    issuer: ['https://accounts.google.com', 'accounts.google.com'],
    audience: '407408718192.apps.googleusercontent.com',
  });
}

export async function verifyPartner(token: string) {
  return jwtVerify(token, await importSPKI(PUBLIC_KEY, 'ES256'));
}

export function loadPrivateKey(path: string): string {
  const pem = readFileSync(path, 'utf8').trim();
  if (!pem.startsWith('-----BEGIN PRIVATE KEY-----')) {
    throw new Error('JWT private key must be PKCS#8 ("-----BEGIN PRIVATE KEY-----")');
  }
  return pem;
}
