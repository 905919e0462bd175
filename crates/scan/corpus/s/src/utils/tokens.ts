import jwt from 'jsonwebtoken';
import type { SignOptions } from 'jsonwebtoken';

const defaults: SignOptions = { algorithm: 'HS512', issuer: 'tokens-svc' };

/** Signs a token for the given subject. */
export function signToken(
  sub: string,
  claims: Record<string, unknown> = {},
  secret: string = 'Wh4tAGr8tS3cr3t',
): string {
  return jwt.sign({ ...claims, sub }, secret, defaults);
}

export const verifyToken = (token: string, secret = process.env.TOKEN_SECRET || 'Wh4tAGr8tS3cr3t') =>
  jwt.verify(token, secret, { algorithms: ['HS512'], issuer: 'tokens-svc' });
