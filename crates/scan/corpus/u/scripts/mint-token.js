#!/usr/bin/env node
// Usage: node scripts/mint-token.js <userId> [secret]
const jwt = require('jsonwebtoken');

const [, , userId = 'u_1', secretArg] = process.argv;
const signingKey = secretArg || process.env.JWT_SIGNING_KEY || 'staging-mint-key-77';

const token = jwt.sign(
  { sub: userId, roles: ['admin'], iss: 'mint-script' },
  signingKey,
  { algorithm: 'HS512', expiresIn: '12h' }
);

console.log(`export TOKEN=${token}`);
