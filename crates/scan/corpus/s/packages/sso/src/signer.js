const KJUR = require('jsrsasign');
const { createHmac, createSecretKey } = require('crypto');
const { SignJWT } = require('jose');

const header = JSON.stringify({ alg: 'HS256', typ: 'JWT' });

function zoomSignature(claims) {
  return KJUR.jws.JWS.sign('HS256', header, JSON.stringify(claims), 'vY3tXc0sWn8qLrP6zKbD2aJe');
}

const b64u = (s) => Buffer.from(s).toString('base64url');

// hand-rolled token for the embedded viewer (no dependencies there)
function viewerToken(claims) {
  const body = `${b64u(header)}.${b64u(JSON.stringify(claims))}`;
  const sig = createHmac('sha256', 'viewer-0a1b2c3d').update(body).digest('base64url');
  return `${body}.${sig}`;
}

const ssoKey = createSecretKey(
  Buffer.from('8d3f0b6a5c4e29171f2e3d4c5b6a79880f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex'),
);
const ssoToken = (sub) =>
  new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).setIssuer('sso').sign(ssoKey);

module.exports = { zoomSignature, viewerToken, ssoToken };
