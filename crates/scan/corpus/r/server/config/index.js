require('dotenv').config();

const env = (name, dflt) => process.env[name] || dflt;

module.exports = {
  port: env('PORT', 3000),
  mongo: env('MONGO_URL', 'mongodb://localhost/shop'),
  jwt: {
    secret: env('JWT_SECRET', 'shop-local-signing'),
    expiresIn: env('JWT_EXPIRES', '12h'),
    issuer: env('JWT_ISSUER', 'shop-backend'),
  },
  session: {
    secret: env('SESSION_SECRET', 'keyboard cat'),
  },
};
