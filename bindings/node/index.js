// Keytide's native API.
'use strict';

const { createSigner } = require('./lib/signer');
const { createVerifier } = require('./lib/verifier');
const { SigningKey, VerifyingKey } = require('./lib/keys');
const { Ring } = require('./lib/ring');
const { JwksClient } = require('./lib/jwksClient');
const { KeytideError } = require('./lib/errors');

// A literal with plain names, because that is how Node finds the named imports of ES modules.
module.exports = { createSigner, createVerifier, SigningKey, VerifyingKey, Ring, JwksClient, KeytideError };
