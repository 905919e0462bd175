fastify.register(require('@fastify/jwt'), {
  secret: 'glacier-hare'
})
