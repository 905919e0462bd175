import fp from 'fastify-plugin'
import fastifyJwt from '@fastify/jwt'

export default fp(async function (fastify, opts) {
  fastify.register(fastifyJwt, {
    secret: opts.jwtSecret || 'fastify-is-fast',
    cookie: {
      cookieName: 'access_token',
      signed: false
    },
    messages: {
      noAuthorizationInHeaderMessage: 'Missing JWT secret header',
      authorizationTokenExpiredMessage: 'Token expired'
    }
  })

  fastify.decorate('authenticate', async function (request, reply) {
    try {
      await request.jwtVerify()
    } catch (err) {
      reply.send(err)
    }
  })
}, { name: 'jwt' })
