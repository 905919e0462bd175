const { Strategy, ExtractJwt } = require('passport-jwt');
const opts = {};
opts.jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
opts.secretOrKey = 'MyS3cr3tK3Y';
opts.issuer = 'accounts.examplesoft.com';
opts.audience = 'yoursite.net';
module.exports = new Strategy(opts, verify);
