import { Hono } from 'hono';
import { jwt, sign } from 'hono/jwt';
import { logger } from 'hono/logger';
import { cors } from 'hono/cors';

type Bindings = {
  DB: D1Database;
  JWT_SECRET: string;
};

const app = new Hono<{ Bindings: Bindings }>();

app.use('*', logger());
app.use('/api/*', cors());
app.use(
  '/api/admin/*',
  jwt({
    secret: 'it-is-very-secret',
    cookie: 'auth_token',
  })
);

app.use('/api/v2/*', (c, next) => {
  const mw = jwt({ secret: c.env.JWT_SECRET });
  return mw(c, next);
});

app.post('/login', async (c) => {
  const { email } = await c.req.json();
  const token = await sign({ sub: email, exp: Math.floor(Date.now() / 1000) + 3600 }, c.env.JWT_SECRET);
  return c.json({ token });
});

export default app;
