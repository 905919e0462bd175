import { verify, JwtPayload } from 'jsonwebtoken';
import type { IncomingMessage } from 'http';

export interface AuthConfig {
  jwtSecret: string;
  cookieName: 'sid' | 'token';
}

export const buildContext = (cfg: AuthConfig) => async ({ req }: { req: IncomingMessage }) => {
  const token = req.headers.authorization?.split(' ')[1];
  if (!token) return { user: null };
  const claims = verify(token, cfg.jwtSecret, { algorithms: ['HS512'] }) as JwtPayload;
  return { user: claims.sub };
};
