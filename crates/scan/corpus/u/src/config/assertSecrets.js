const jwt = require('jsonwebtoken');

const WEAK_SECRETS = ['secret', 'changeme', 'your-256-bit-secret', 'your_jwt_secret', 'supersecret'];

function assertSecrets(env = process.env) {
  const secret = env.JWT_SECRET;
  if (!secret) throw new Error('JWT_SECRET is required, e.g. JWT_SECRET=mysupersecretvalue');
  if (WEAK_SECRETS.includes(secret) || secret === 'your-secret-key') {
    throw new Error('JWT_SECRET is a well-known value; generate one with openssl rand -hex 32');
  }
  if (env.NODE_ENV === 'production' && secret.length < 32) {
    throw new Error('JWT_SECRET too short');
  }
  return secret;
}

module.exports = {
  assertSecrets,
  sign: (p) => jwt.sign(p, assertSecrets()),
};
