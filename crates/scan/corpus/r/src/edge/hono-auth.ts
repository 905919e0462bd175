import { Hono } from 'hono';
import { sign, verify } from 'hono/jwt';

const app = new Hono();
const SIGNER = '6d1f2c1b0a5e4f7798c3aa10b5d2e6f4';

app.post('/signin', async (c) => {
  const { email } = await c.req.json();
  const token = await sign({ email, exp: Math.floor(Date.now() / 1000) + 3600 }, SIGNER);
  return c.json({ token });
});
app.get('/whoami', async (c) => c.json(await verify(c.req.header('x-token')!, SIGNER)));
export default app;
