const { Strategy, ExtractJwt } = require('passport-jwt');

module.exports = new Strategy(
  {
    jwtFromRequest: ExtractJwt.fromHeader('x-events-token'),
    secretOrKeyProvider: (request, rawJwtToken, done) => {
      done(null, 'provider-secret-events');
    },
  },
  (payload, done) => done(null, payload)
);
