// Keys of every kind that a program may hand over, made anew for each run.
'use strict';

const crypto = require('node:crypto');

const pem = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};

const pair = (type, options) => crypto.generateKeyPairSync(type, { ...options, ...pem });

const rsa = pair('rsa', { modulusLength: 2048 });
const otherRsa = pair('rsa', { modulusLength: 2048 });
const smallRsa = pair('rsa', { modulusLength: 1024 });
const pss = (hash, saltLength) =>
  pair('rsa-pss', { modulusLength: 2048, hashAlgorithm: hash, mgf1HashAlgorithm: hash, saltLength });
const pss256 = pss('sha256', 32);
const pss512 = pss('sha512', 64);
const pssLongSalt = pss('sha256', 64);
const ec = (namedCurve, paramEncoding) => pair('ec', { namedCurve, paramEncoding });
const p256 = ec('prime256v1');
const otherP256 = ec('prime256v1');
const p384 = ec('secp384r1');
const p521 = ec('secp521r1');
const k256 = ec('secp256k1');
const explicitP256 = ec('prime256v1', 'explicit');
const ed25519 = pair('ed25519');
const dsa = pair('dsa', { modulusLength: 2048, divisorLength: 256 });

const SECRET = 'a secret that is long enough to be taken for one, and then some more of it';
const passphrase = 'correct horse';
const encrypted = crypto
  .createPrivateKey(rsa.privateKey)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });

const jwk = (text) => crypto.createPublicKey(text).export({ format: 'jwk' });
const privateJwk = (text) => crypto.createPrivateKey(text).export({ format: 'jwk' });
const spki = (text) => crypto.createPublicKey(text).export({ type: 'spki', format: 'der' });
const secretKey = (text) => crypto.createSecretKey(Buffer.from(text));

/** Pairs that work, by algorithm: what signs, and what verifies. */
const WORKING = [
  ...['HS256', 'HS384', 'HS512'].flatMap((alg) =>
    [SECRET, Buffer.from(SECRET), new Uint8Array(Buffer.from(SECRET)), secretKey(SECRET), 'short'].map(
      (key) => [alg, key, key],
    ),
  ),
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].flatMap((alg) => [
    [alg, rsa.privateKey, rsa.publicKey],
    [alg, Buffer.from(rsa.privateKey), Buffer.from(rsa.publicKey)],
    [alg, crypto.createPrivateKey(rsa.privateKey), crypto.createPublicKey(rsa.publicKey)],
    [alg, { key: encrypted, passphrase }, { key: jwk(rsa.publicKey), format: 'jwk' }],
    [alg, rsa.privateKey, rsa.privateKey],
  ]),
  ['PS256', pss256.privateKey, pss256.publicKey],
  ['PS512', pss512.privateKey, pss512.publicKey],
  ['ES256', p256.privateKey, p256.publicKey],
  ['ES256', { key: privateJwk(p256.privateKey), format: 'jwk' }, { key: jwk(p256.publicKey), format: 'jwk' }],
  ['ES256', explicitP256.privateKey, explicitP256.publicKey],
  ['ES256', crypto.createPrivateKey(p256.privateKey), { key: spki(p256.publicKey), format: 'der', type: 'spki' }],
  ['ES384', p384.privateKey, p384.publicKey],
  ['ES512', p521.privateKey, p521.publicKey],
];

/** Keys that fit nothing, or not what they are given for. */
const ODD = [
  ...[undefined, null, '', 0, 1, true, false, {}, [], 'other secret', Symbol('key'), 10n],
  ...[rsa.publicKey, rsa.privateKey, otherRsa.publicKey, otherRsa.privateKey],
  ...[smallRsa.publicKey, smallRsa.privateKey, p256.publicKey, p256.privateKey],
  ...[otherP256.publicKey, p384.publicKey, p384.privateKey, k256.publicKey, k256.privateKey],
  ...[ed25519.publicKey, ed25519.privateKey, dsa.publicKey, dsa.privateKey],
  ...[pss256.publicKey, pss256.privateKey, pssLongSalt.publicKey, pssLongSalt.privateKey],
  crypto.createPrivateKey(rsa.privateKey),
  crypto.createPublicKey(rsa.publicKey),
  secretKey('another secret'),
  { key: encrypted, passphrase: 'wrong' },
  encrypted,
  SECRET,
];

/** Texts and bytes that are keys of another kind, or no secret at all, and are given as secrets. */
const NOT_SECRETS = [
  Buffer.alloc(0),
  Buffer.alloc(32),
  JSON.stringify(jwk(rsa.publicKey)),
  spki(rsa.publicKey),
  rsa.publicKey,
  '-----BEGIN PUBLIC KEY-----\nnothing\n-----END PUBLIC KEY-----\n',
];

module.exports = {
  ...{ SECRET, WORKING, ODD, NOT_SECRETS, encrypted, passphrase, jwk, spki },
  ...{ rsa, otherRsa, smallRsa, pss256, pss512, pssLongSalt },
  ...{ p256, otherP256, p384, p521, k256, explicitP256, ed25519, dsa },
};
