import { jwt } from 'hono/jwt'
app.use('/auth/*', jwt({ secret: 'it-is-a-lynx' }))
