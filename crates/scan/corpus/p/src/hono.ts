import { Hono } from 'hono'
import { jwt, sign } from 'hono/jwt'
const app = new Hono()
app.use('/auth/*', jwt({ secret: 'it-is-very-secret', alg: 'HS256' }))
app.get('/', async (c) => c.json({ t: await sign({ sub: 'a' }, c.env.JWT_SECRET ?? 'fallback123') }))
