// Minimal HS256 implementation without dependencies
const crypto = require('crypto');

const SECRET = 'hmac-me-if-you-can';

const b64url = (input) => Buffer.from(input).toString('base64url');

function signToken(payload) {
  const header = b64url(JSON.stringify({ alg: 'HS256', typ: 'JWT' }));
  const body = b64url(JSON.stringify(payload));
  const signature = crypto
    .createHmac('sha256', SECRET)
    .update(`${header}.${body}`)
    .digest('base64url');
  return `${header}.${body}.${signature}`;
}

function verifyToken(token) {
  const [header, body, signature] = token.split('.');
  const expected = crypto.createHmac('sha256', SECRET).update(`${header}.${body}`).digest('base64url');
  if (expected !== signature) throw new Error('bad signature');
  return JSON.parse(Buffer.from(body, 'base64url').toString());
}

module.exports = { signToken, verifyToken };
