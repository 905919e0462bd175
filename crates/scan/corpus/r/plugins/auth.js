import fp from 'fastify-plugin';
import fastifyJwt from '@fastify/jwt';
import fastifyCookie from '@fastify/cookie';

export default fp(async function (fastify) {
  fastify.register(fastifyCookie, { secret: 'cookie-signing-thing' });
  await fastify.register(fastifyJwt, {
    secret: 'supersecretpassphrase',
    cookie: { cookieName: 'token', signed: false },
    sign: { expiresIn: '2h' },
  });
  fastify.decorate('authenticate', async (req, reply) => {
    try { await req.jwtVerify(); } catch (err) { reply.send(err); }
  });
});
