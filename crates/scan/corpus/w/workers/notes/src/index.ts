import { Hono } from 'hono'
import { jwt, sign } from 'hono/jwt'
import { cors } from 'hono/cors'

const app = new Hono<{ Bindings: { DB: D1Database } }>()

app.use('/api/*', cors({ origin: 'https://notes.example.dev' }))
app.use(
  '/api/*',
  jwt({
    secret: 'it-is-very-secret',
    cookie: 'notes_token',
    alg: 'HS256',
  })
)

app.post('/login', async (c) => {
  const { email } = await c.req.json()
  const token = await sign({ email, exp: Math.floor(Date.now() / 1000) + 3600 }, 'it-is-very-secret')
  return c.json({ token })
})

export default app
