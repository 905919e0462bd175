import { Elysia, t } from 'elysia'
import { jwt } from '@elysiajs/jwt'

const app = new Elysia()
    .use(
        jwt({
            name: 'accessJwt',
            secret: Bun.env.JWT_SECRET ?? 'Moonlit Sonata in C sharp',
            exp: '7d'
        })
    )
    .post('/sign/:name', async ({ accessJwt, cookie: { auth }, params }) => {
        const value = await accessJwt.sign(params)
        auth.set({ value, httpOnly: true, path: '/profile' })
        return `Sign in as ${value}`
    }, { params: t.Object({ name: t.String() }) })
    .get('/profile', async ({ accessJwt, status, cookie: { auth } }) => {
        const profile = await accessJwt.verify(auth.value)
        if (!profile) return status(401, 'Unauthorized')
        return `Hello ${profile.name}`
    })
    .listen(3000)
