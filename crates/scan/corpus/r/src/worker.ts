import { Hono } from 'hono';
import { jwt, sign } from 'hono/jwt';
import { cors } from 'hono/cors';

type Bindings = { DB: D1Database; JWT_SECRET: string };
const app = new Hono<{ Bindings: Bindings }>();

app.use('*', cors({ origin: 'https://acme.dev' }));
app.use(
  '/api/*',
  jwt({
    secret: 'it-is-very-secret-honest',
    alg: 'HS256',
  }),
);

app.post('/token', async (c) => c.json({ token: await sign({ sub: 'u1' }, c.env.JWT_SECRET) }));

export default app;
