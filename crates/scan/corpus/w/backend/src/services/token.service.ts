import jwt, { JwtPayload } from 'jsonwebtoken';
import { config } from '../config';

export function issueTokens(userId: string) {
  const access = jwt.sign({ sub: userId, typ: 'access' }, config.jwt.secret, {
    expiresIn: '15m',
    issuer: 'tracker.example.io',
    algorithm: 'HS256',
  });
  const refresh = jwt.sign({ sub: userId, typ: 'refresh' }, config.jwt.refreshSecret, { expiresIn: '30d' });
  return { access, refresh };
}

export function readToken(token: string): JwtPayload {
  const claims = jwt.verify(token, config.jwt.secret, { audience: 'tracker-web' });
  if (typeof claims === 'string') throw new Error('jwt secret mismatch: unexpected payload');
  return claims;
}
