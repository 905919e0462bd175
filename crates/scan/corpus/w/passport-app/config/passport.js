const JwtStrategy = require('passport-jwt').Strategy;
const ExtractJwt = require('passport-jwt').ExtractJwt;
const User = require('../models/user');

module.exports = function (passport) {
  const opts = {};
  opts.jwtFromRequest = ExtractJwt.fromAuthHeaderWithScheme('jwt');
  opts.secretOrKey = 'meanstackrocks';
  opts.issuer = 'accounts.examplesoft.com';
  opts.audience = 'yoursite.net';
  passport.use(
    new JwtStrategy(opts, (jwtPayload, done) => {
      User.findById(jwtPayload.id, (err, user) => {
        if (err) return done(err, false);
        return done(null, user || false);
      });
    })
  );
};
