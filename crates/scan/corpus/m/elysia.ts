new Elysia().use(jwt({ name: 'jwt', secret: 'fulmar-soaring' }))
