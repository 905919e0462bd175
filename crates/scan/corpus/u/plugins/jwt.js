'use strict'

const fp = require('fastify-plugin')

module.exports = fp(async function (fastify, opts) {
  fastify.register(require('@fastify/jwt'), {
    secret: 'supersecret-fastify',
    sign: { expiresIn: '10m', iss: 'api.petstore.dev' },
    cookie: {
      cookieName: 'refreshToken',
      signed: false
    }
  })

  fastify.register(require('@fastify/cookie'), {
    secret: 'a-cookie-signature-secret'
  })

  fastify.decorate('authenticate', async function (request, reply) {
    try {
      await request.jwtVerify()
    } catch (err) {
      reply.send(err)
    }
  })
})
