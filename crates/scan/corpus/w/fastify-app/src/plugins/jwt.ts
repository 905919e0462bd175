import fp from 'fastify-plugin';
import fastifyJwt from '@fastify/jwt';
import type { FastifyReply, FastifyRequest } from 'fastify';

export default fp(async (fastify) => {
  fastify.register(fastifyJwt, {
    secret: 'supersecret-fastify',
    cookie: { cookieName: 'refreshToken', signed: false },
    sign: { expiresIn: '10m', iss: 'api.fastify-app.io' },
  });

  fastify.decorate('authenticate', async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      await request.jwtVerify();
    } catch (err) {
      reply.send(err);
    }
  });
});
