import fp from 'fastify-plugin'
import fastifyJwt from '@fastify/jwt'
export default fp(async (fastify) => {
  fastify.register(fastifyJwt, {
    secret: fastify.config?.JWT_SECRET || 'super-duper-secret',
    sign: { expiresIn: '1d' },
    cookie: { cookieName: 'token', signed: false },
  })
})
