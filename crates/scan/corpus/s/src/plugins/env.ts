import fp from 'fastify-plugin';
import fastifyEnv from '@fastify/env';

const schema = {
  type: 'object',
  required: ['DATABASE_URL', 'JWT_SECRET'],
  properties: {
    PORT: { type: 'number', default: 3000 },
    DATABASE_URL: { type: 'string' },
    JWT_SECRET: {
      type: 'string',
      default: 'tell-no-one-about-this-one',
    },
    JWT_EXPIRES: { type: 'string', default: '1h' },
    COOKIE_SECRET: { type: 'string', default: 'cookie-monster-likes-cookies' },
  },
};

export default fp(async (app) => {
  await app.register(fastifyEnv, { schema, dotenv: true });
  await app.register(import('@fastify/jwt'), {
    secret: app.config.JWT_SECRET,
    sign: { expiresIn: app.config.JWT_EXPIRES },
  });
});
