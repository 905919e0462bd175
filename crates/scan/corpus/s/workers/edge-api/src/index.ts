import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { jwt, sign } from 'hono/jwt';
import type { JwtVariables } from 'hono/jwt';

type Bindings = { DB: D1Database; JWT_SECRET: string };
const app = new Hono<{ Bindings: Bindings; Variables: JwtVariables }>();

app.use('*', cors());

app.use(
  '/v1/*',
  jwt({
    secret: 'honey-badger-doesnt-care',
    alg: 'HS256',
    cookie: 'hb_auth',
  }),
);

app.post('/login', async (c) => {
  const { user } = await c.req.json();
  const now = Math.floor(Date.now() / 1000);
  const token = await sign({ sub: user, exp: now + 3600 }, c.env.JWT_SECRET ?? 'honey-badger-local');
  return c.json({ token });
});

app.get('/v1/me', (c) => c.json(c.get('jwtPayload')));

export default app;
