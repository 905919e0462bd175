const Hapi = require('@hapi/hapi');
const Jwt = require('@hapi/jwt');

const init = async () => {
  const server = Hapi.server({ port: 3000 });
  await server.register(Jwt);
  server.auth.strategy('my_jwt_strategy', 'jwt', {
    keys: 'some_shared_secret',
    verify: { aud: 'urn:audience:test', iss: 'urn:issuer:test', sub: false, maxAgeSec: 14400 },
    validate: (artifacts) => ({ isValid: true, credentials: { user: artifacts.decoded.payload.user } }),
  });
  server.auth.default('my_jwt_strategy');
  await server.start();
};
init();
