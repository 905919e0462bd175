// Verifies a token: signature first, then its times and what the caller expects.
'use strict';

const { isRefusal, KeytideError } = require('../lib/errors');
const { Ring, ringOf } = require('../lib/ring');
const { checkStrictly, checkUnderstood } = require('./lib/strictness');
const { readLoosely } = require('./lib/compact');
const { forVerifying } = require('./lib/preparedKeys');
const { checkSignatureLength, verify: verifyWithHost } = require('./lib/hostCrypto');
const { isAlgorithm, isEdwards, unknownAlgorithm } = require('./lib/algorithms');
const checkClaims = require('./lib/checkClaims');
const RecentMap = require('./lib/recentMap');
const validateAsymmetricKey = require('./lib/validateAsymmetricKey');
const JsonWebTokenError = require('./lib/JsonWebTokenError');

// Taken before anybody replaces it: a fake clock must not hold a callback back.
const { nextTick } = process;

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ECDSA = ['ES256', 'ES384', 'ES512'];

/** Characters of a token, unless `maxTokenLength` says otherwise. */
const MAX_TOKEN_LENGTH = 64 * 1024;

/** Header segments of tokens that held, with what is in them that matters. */
const knownHeaders = new RecentMap(256);
const MAX_KNOWN_HEADER = 512;

/**
 * The claims, or `{ header, payload, signature }` with `complete`. With a callback everything comes
 * through it, in the same tick unless the key itself comes later.
 */
module.exports = function verify(token, secretOrPublicKey, options, callback) {
  if (typeof options === 'function' && !callback) {
    callback = options;
    options = undefined;
  }
  if (typeof secretOrPublicKey === 'function' && callback) {
    return verifyWithKeyFrom(secretOrPublicKey, token, { ...options }, callback);
  }
  if (secretOrPublicKey instanceof Ring) {
    return verifyWithRing(token, secretOrPublicKey, options || NO_OPTIONS, callback);
  }
  let verified;
  try {
    verified = verifyNow(token, secretOrPublicKey, options || NO_OPTIONS);
  } catch (error) {
    if (callback) return callback(error);
    throw error;
  }
  return callback ? callback(null, verified) : verified;
};

const NO_OPTIONS = Object.freeze({});

function verifyNow(token, key, options) {
  checkOptions(options);
  const now = options.clockTimestamp || Math.floor(Date.now() / 1000);
  checkForm(token, options);
  const payload = typeof key === 'function' ? undefined : payloadAtOnce(token, key, options);
  if (payload !== undefined) {
    checkClaims(payload, options, now);
    if (options.complete === true) return { ...readLoosely(token), payload };
    return payload;
  }
  const read = readOrRefuse(token);
  if (typeof key === 'function') {
    refuse(
      'verify must be called asynchronous if secret or public key is provided as a callback',
    );
  }
  return settle(token, read, key, options, now);
}

/** Verifies with a key that `getKey(header, callback)` gives, now or later. */
function verifyWithKeyFrom(getKey, token, options, callback) {
  let read;
  let now;
  try {
    checkOptions(options);
    now = options.clockTimestamp || Math.floor(Date.now() / 1000);
    checkForm(token, options);
    read = readOrRefuse(token);
  } catch (error) {
    return callback(error);
  }
  let isAnswered = false;
  return getKey(read.header, (error, key) => {
    // A key source that answers twice must not make one request two.
    if (isAnswered) return undefined;
    isAnswered = true;
    let verified;
    try {
      if (error) refuse(`error in secret or public key callback: ${error.message}`);
      verified = settle(token, read, key, options, now);
    } catch (refused) {
      return callback(refused);
    }
    return callback(null, verified);
  });
}

/** Verifies with whichever key of a ring the token names; waits for the network only with a callback. */
function verifyWithRing(token, ring, options, callback) {
  let verified;
  try {
    checkOptions(options);
    const now = options.clockTimestamp || Math.floor(Date.now() / 1000);
    checkForm(token, options);
    const read = readOrRefuse(token);
    const { alg, kid } = read.header;
    if (read.signature === '') refuse('jwt signature is required');
    if (typeof alg !== 'string' || (options.algorithms && !allows(options.algorithms, null, alg))) {
      refuse('invalid algorithm');
    }
    checkUnderstood(token, read.header, options);
    const ask = () => ringOf(ring).open(token, kid, alg);
    const finish = (opened) => finishWithRing(token, read, opened, options, now);
    const opened = ask();
    if (isRefusal(opened) && opened.code === 'fetch_needed' && callback) {
      ringOf(ring)
        .fetchFor(kid, alg)
        .then((failed) => answerWith(callback, () => finish(failed ?? ask())));
      return undefined;
    }
    verified = finish(opened);
  } catch (error) {
    if (callback) return callback(error);
    throw error;
  }
  return callback ? callback(null, verified) : verified;
}

/** Calls back outside of the promise, so that what the callback throws is nobody's rejection. */
function answerWith(callback, make) {
  let outcome;
  try {
    outcome = [null, make()];
  } catch (error) {
    outcome = [error];
  }
  nextTick(callback, ...outcome);
}

function finishWithRing(token, read, opened, options, now) {
  if (isRefusal(opened)) throw ofRing(opened);
  if (opened === false) refuse('invalid signature');
  const { header, signature } = read;
  checkStrictly(token, read, options);
  const { payload } = read;
  if (payload === null) refuse('invalid token');
  checkClaims(payload, options, now);
  checkTyp(header, options);
  return options.complete === true ? { header, payload, signature } : payload;
}

/** Why a ring has no key for a token; `inner` has the code and the hint. */
function ofRing({ code, message, hint }) {
  const isAlgorithm = code === 'alg_not_allowed' || code === 'key_alg_mismatch';
  const inner = new KeytideError(code, message, hint);
  return new JsonWebTokenError(isAlgorithm ? 'invalid algorithm' : message, inner);
}

function checkOptions({ clockTimestamp, nonce, allowInvalidAsymmetricKeyTypes }) {
  if (clockTimestamp && typeof clockTimestamp !== 'number') {
    refuse('clockTimestamp must be a number');
  }
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce.trim() === '')) {
    refuse('nonce must be a non-empty string');
  }
  if (
    allowInvalidAsymmetricKeyTypes !== undefined &&
    typeof allowInvalidAsymmetricKeyTypes !== 'boolean'
  ) {
    refuse('allowInvalidAsymmetricKeyTypes must be a boolean');
  }
}

function checkForm(token, { maxTokenLength = MAX_TOKEN_LENGTH }) {
  if (!token) refuse('jwt must be provided');
  if (typeof token !== 'string') refuse('jwt must be a string');
  if (token.length > maxTokenLength) {
    refuse(`jwt is longer than ${maxTokenLength} characters (option maxTokenLength)`);
  }
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (first === -1 || second === -1 || token.includes('.', second + 1)) refuse('jwt malformed');
}

/**
 * The payload of a token whose header is known and whose key has passed every check before; or
 * `undefined`, which says nothing.
 */
function payloadAtOnce(token, key, options) {
  const header = knownHeaders.get(token.slice(0, token.indexOf('.')));
  if (header === undefined || !key || options.requiredTyp !== undefined) return undefined;
  const prepared = forVerifying(key);
  const handle = prepared?.opened[header.alg];
  if (handle === undefined || !allows(options.algorithms, prepared, header.alg)) return undefined;
  const opened = handle.open(token);
  if (typeof opened !== 'string') return undefined;
  const payload = JSON.parse(opened);
  if (typeof payload !== 'object' || payload === null) return undefined;
  prepared.countUse(header.alg);
  return payload;
}

function readOrRefuse(token) {
  const read = readLoosely(token);
  if (read === null) refuse('invalid token');
  return read;
}

/** Everything after the key is known, in the order in which each check speaks. */
function settle(token, read, key, options, now) {
  const { header, payload, signature } = read;
  if (signature === '' && key) refuse('jwt signature is required');
  if (signature !== '' && !key) refuse('secret or public key must be provided');
  if (signature === '' && !options.algorithms) {
    refuse('please specify "none" in "algorithms" to verify unsigned tokens');
  }
  const prepared = key === null || key === undefined ? null : forVerifying(key);
  if (prepared === undefined) refuse('secretOrPublicKey is not valid key material');
  const { alg } = header;
  if (typeof alg !== 'string' || !allows(options.algorithms, prepared, alg)) {
    refuse('invalid algorithm');
  }
  checkKey(alg, prepared, options);
  if (!holds(token, alg, signature, prepared)) refuse('invalid signature');
  checkUnderstood(token, header, options);
  checkStrictly(token, read, options);
  if (payload === null) refuse('invalid token');
  remember(token, alg, prepared);
  checkClaims(payload, options, now);
  checkTyp(header, options);
  return options.complete === true ? { header, payload, signature } : payload;
}

/** Whether the token may be signed with `alg`: the caller's list decides, or else the key. */
function allows(algorithms, key, alg) {
  if (Array.isArray(algorithms)) return algorithms.includes(alg);
  if (!algorithms) return usualAlgorithms(key).includes(alg);
  if (typeof algorithms === 'string') return algorithms === alg;
  return refuse('algorithms must be an array');
}

function usualAlgorithms({ type, asymmetricKeyType }) {
  if (type === 'secret') return HMAC;
  return asymmetricKeyType === 'ec' ? ECDSA : RSA;
}

/** Whether the key is one for this algorithm; `none` has no key. */
function checkKey(alg, key, options) {
  const isSymmetric = alg.startsWith('HS');
  const isAsymmetric = /^(?:RS|PS|ES)/.test(alg);
  if (key === null) {
    if (isSymmetric || isAsymmetric) refuse('secret or public key must be provided');
    return;
  }
  if (isSymmetric && key.type !== 'secret') {
    refuse(`secretOrPublicKey must be a symmetric key when using ${alg}`);
  }
  if (isAsymmetric && key.type !== 'public') {
    refuse(`secretOrPublicKey must be an asymmetric key when using ${alg}`);
  }
  const isEd25519 = isEdwards(alg) && key.asymmetricKeyType === 'ed25519' && key.type === 'public';
  if (!options.allowInvalidAsymmetricKeyTypes && !isEd25519) validateAsymmetricKey(alg, key);
  checkStrength(key);
  checkJwk(alg, key.jwk);
}

/** With an exponent of 1 anybody signs; below 1024 bits anybody with an afternoon does. */
function checkStrength({ asymmetricKeyType, asymmetricKeyDetails }) {
  if (!asymmetricKeyType?.startsWith('rsa')) return;
  const { modulusLength, publicExponent } = asymmetricKeyDetails;
  if (modulusLength < 1024 || publicExponent < 3n) {
    refuse('secretOrPublicKey is too weak: RSA needs 1024 bits and an exponent of 3 at least');
  }
}

/** A JWK that says what it is for is used for nothing else (RFC 7517 §4.2, §4.4). */
function checkJwk(alg, jwk) {
  if (jwk === undefined) return;
  if (jwk.alg !== undefined && jwk.alg !== alg) refuse(`secretOrPublicKey is not for ${alg}`);
  if (jwk.use !== undefined && jwk.use !== 'sig') refuse('secretOrPublicKey is not for signatures');
}

function holds(token, alg, signature, key) {
  if (alg === 'none') return signature === '';
  const isEd25519 = isEdwards(alg) && key.asymmetricKeyType === 'ed25519';
  if (!isAlgorithm(alg) && !isEd25519) throw unknownAlgorithm(alg);
  if (alg.startsWith('ES')) checkSignatureLength(Buffer.from(signature, 'base64url'), alg);
  const signingInput = token.slice(0, token.lastIndexOf('.'));
  const handle = key.verifying(alg);
  if (handle !== null) return handle.verify(signingInput, signature);
  // A secret that is empty, or the text of another key, is refused by the engine.
  if (key.type === 'secret') refuse('secretOrPublicKey is not valid key material');
  return verifyWithHost(alg, signingInput, signature, key.keyObject);
}

/** Lets the next token with this header and key take the short way. */
function remember(token, alg, key) {
  const end = token.indexOf('.');
  const handle = key === null || alg === 'none' ? null : key.verifying(alg);
  if (handle === null || end > MAX_KNOWN_HEADER) return;
  key.opened[alg] = handle;
  knownHeaders.set(token.slice(0, end), { alg });
}

function checkTyp({ typ }, { requiredTyp }) {
  if (requiredTyp !== undefined && typ !== requiredTyp) {
    refuse(`jwt typ invalid. expected: ${requiredTyp}`);
  }
}

function refuse(message) {
  throw new JsonWebTokenError(message);
}
