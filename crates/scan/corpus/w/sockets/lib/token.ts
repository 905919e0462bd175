import * as jwt from 'jsonwebtoken';

export function createToken(payload: object, secret = 'param-default-key', ttl = '1h') {
  return jwt.sign(payload, secret, { expiresIn: ttl });
}

const SECRETS = {
  access: 'sockets-access',
  refresh: 'sockets-refresh',
} as const;

export const access = (p: object) => jwt.sign(p, SECRETS.access);
export const refresh = (p: object) => jwt.sign(p, SECRETS.refresh);
export const peek = (t: string) => jwt.decode(t, { complete: true });
