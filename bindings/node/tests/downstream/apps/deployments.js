// Keys for a deployment of an app, new each time.
'use strict';

const crypto = require('node:crypto');

/** `{ algorithm, signing, verifying, publicKey? }` with texts, as environments carry them. */
function deployment(algorithm) {
  if (algorithm.startsWith('HS')) {
    // 32 random bytes in base64url: what `keytide secret` prints.
    const secret = crypto.randomBytes(32).toString('base64url');
    return { algorithm, signing: secret, verifying: secret };
  }
  const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { algorithm, signing: privateKey, verifying: publicKey, publicKey };
}

module.exports = { deployment };
