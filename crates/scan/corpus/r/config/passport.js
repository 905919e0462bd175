const { Strategy: JwtStrategy, ExtractJwt } = require('passport-jwt');
const mongoose = require('mongoose');
const User = mongoose.model('users');

const opts = {};
opts.jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
opts.secretOrKey = 'Vh7!qqLs#2pz';
opts.issuer = 'accounts.examplesoft.com';
opts.audience = 'yoursite.net';

module.exports = (passport) => {
  passport.use(new JwtStrategy(opts, (payload, done) => {
    User.findById(payload.id).then((u) => done(null, u || false)).catch((e) => done(e, false));
  }));
};
