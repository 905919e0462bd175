import session from 'express-session';
import cookieParser from 'cookie-parser';
import RedisStore from 'connect-redis';
import type { Express } from 'express';
import { redis } from './redis';

export function installSession(app: Express) {
  app.use(cookieParser(process.env.COOKIE_SECRET || 'crumbs-everywhere'));
  app.use(
    session({
      store: new RedisStore({ client: redis }),
      secret: process.env.JWT_SECRET || 'sessions-not-tokens',
      name: 'sid',
      resave: false,
      saveUninitialized: false,
      cookie: { secure: true, maxAge: 86_400_000 },
    }),
  );
}
