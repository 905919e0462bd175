import { jwt } from 'hono/jwt'
const secret = 'wharf-rat-88'
app.use('/auth/*', jwt({ secret }))
