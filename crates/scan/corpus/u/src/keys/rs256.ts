import fs from 'fs';
import path from 'path';
import jwt from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';

const PRIVATE_KEY_PATH = process.env.JWT_PRIVATE_KEY_PATH || path.join(__dirname, '../../keys/jwtRS256.key');
const privateKey = fs.readFileSync(PRIVATE_KEY_PATH, 'utf8');
const client = jwksClient({ jwksUri: 'https://auth.acme.test/.well-known/jwks.json' });

function getKey(header: any, callback: any) {
  client.getSigningKey(header.kid, (err, key) => callback(err, key?.getPublicKey()));
}

export const sign = (p: object) => jwt.sign(p, privateKey, { algorithm: 'RS256', keyid: 'key-2024-01' });

export const verify = (t: string) =>
  new Promise((resolve, reject) => {
    jwt.verify(t, getKey, { algorithms: ['RS256'], audience: 'acme-api' }, (err, d) => (err ? reject(err) : resolve(d)));
  });

export function isPem(text: string) {
  return text.trim().startsWith('-----BEGIN RSA PRIVATE KEY-----');
}
