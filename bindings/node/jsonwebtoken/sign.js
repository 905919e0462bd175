// Signs claims, a string or bytes into a token.
'use strict';

const { answered, isRefusal, KeytideError } = require('../lib/errors');
const { Ring, ringOf } = require('../lib/ring');
const { forSigning } = require('./lib/preparedKeys');
const { checkClaims, checkOptions } = require('./lib/signOptions');
const { isAlgorithm, isEdwards, unknownAlgorithm } = require('./lib/algorithms');
const { sign: signWithHost } = require('./lib/hostCrypto');
const { headerSegment } = require('./lib/headerSegment');
const timespan = require('./lib/timespan');
const validateAsymmetricKey = require('./lib/validateAsymmetricKey');

// Taken before anybody replaces it: a fake clock must not hold a callback back.
const { nextTick } = process;

/** Options that write claims, in the order in which a payload without claims is refused them. */
const CLAIM_OPTIONS = [
  ...['expiresIn', 'notBefore', 'noTimestamp'],
  ...['audience', 'issuer', 'subject', 'jwtid'],
];

const NAMED_CLAIMS = [
  ['audience', 'aud'],
  ['issuer', 'iss'],
  ['subject', 'sub'],
  ['jwtid', 'jti'],
];

/**
 * The token. With a callback, what is refused before signing comes in the same tick and the token in
 * the next.
 */
module.exports = function sign(payload, secretOrPrivateKey, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  if (secretOrPrivateKey instanceof Ring) {
    return signWithRing(payload, secretOrPrivateKey, options || {}, callback);
  }
  let job;
  try {
    job = prepare(payload, secretOrPrivateKey, options || {});
  } catch (error) {
    if (callback) return callback(error);
    throw error;
  }
  if (typeof callback !== 'function') return seal(job);
  let token;
  try {
    token = seal(job);
  } catch (error) {
    nextTick(callback, error);
    return undefined;
  }
  nextTick(callback, null, token);
  return undefined;
};

/** Checks everything, in the order in which each check speaks, and completes the claims. */
function prepare(payload, secretOrPrivateKey, options) {
  const isObject = typeof payload === 'object' && !Buffer.isBuffer(payload);
  const header = headerOf(isObject, options);
  const key = keyFor(header.alg, secretOrPrivateKey, options);
  return { header, key, options, payload: claimed(payload, isObject, header.alg, key, options) };
}

/** The payload, checked and with the claims of the options. */
function claimed(payload, isObject, alg, key, options) {
  if (payload === undefined) throw new Error('payload is required');
  if (isObject) {
    checkClaims(payload);
    if (!options.mutatePayload) payload = Object.assign({}, payload);
  } else {
    refuseClaimOptions(payload, options);
  }
  refuseTwice(payload, options);
  checkOptions(options);
  if (!options.allowInvalidAsymmetricKeyTypes && !isEd25519(alg, key)) {
    validateAsymmetricKey(alg, key);
  }
  if (isObject) complete(payload, options);
  return payload;
}

/** Signs with the key that a ring signs with now; waits for the network only with a callback. */
function signWithRing(payload, ring, options, callback) {
  let text;
  let signing;
  const isObject = typeof payload === 'object' && !Buffer.isBuffer(payload);
  try {
    refuseChoices(options);
    text = textOf(claimed(payload, isObject, undefined, undefined, options));
    signing = ringOf(ring).signing();
    if (!callback) return sealWithRing(signing, isObject, text, options);
  } catch (error) {
    if (callback) return callback(error);
    throw error;
  }
  tokenOfRing(ring, signing, isObject, text, options).then(
    // Outside of the promise, so that what the callback throws is nobody's rejection.
    (token) => nextTick(callback, null, token),
    (error) => nextTick(callback, error),
  );
  return undefined;
}

async function tokenOfRing(ring, signing, isObject, text, options) {
  if (isRefusal(signing) && signing.code === 'fetch_needed') {
    answered(await ringOf(ring).ready());
    signing = ringOf(ring).signing();
  }
  if (typeof signing !== 'string') return sealWithRing(signing, isObject, text, options);
  if (!isObject || Object.keys(options.header ?? {}).some((name) => name !== 'typ')) {
    throw new Error("the ring's server signs claims, with no header of one's own but \"typ\"");
  }
  return answered(await ringOf(ring).sign(options.header?.typ, text));
}

function sealWithRing(signing, isObject, text, options) {
  answered(signing);
  if (typeof signing === 'string') {
    throw new KeytideError(
      'signs_on_server',
      `the ring's ${signing} key never leaves its server`,
      'Give jwt.sign a callback: the server signs.',
    );
  }
  const { algorithm, kid } = signing;
  if (options.algorithm !== undefined && options.algorithm !== algorithm) {
    throw new Error(`the ring signs with ${algorithm}, not with ${options.algorithm}`);
  }
  const header = headerOf(isObject, { ...options, algorithm, keyid: kid ?? undefined });
  const start = headerSegment(header, options.header === undefined);
  return signing.sign(start, text);
}

/** A ring chooses its key; what would contradict it is not taken. */
function refuseChoices(options) {
  const { keyid, header, encoding } = options;
  if (keyid !== undefined) throw new Error('"keyid" is the ring\'s to choose');
  for (const name of ['alg', 'kid']) {
    if (header?.[name] !== undefined) throw new Error(`"${name}" in the header is the ring's to choose`);
  }
  if (encoding !== undefined && encoding !== 'utf8') throw new Error('a ring signs UTF-8');
}

function headerOf(isObject, options) {
  const header = {
    alg: options.algorithm || 'HS256',
    typ: isObject ? 'JWT' : undefined,
    kid: options.keyid,
  };
  return options.header === undefined ? header : Object.assign(header, options.header);
}

/** The prepared key, or `null` where there is none and none is needed. */
function keyFor(alg, secretOrPrivateKey, options) {
  if (!secretOrPrivateKey && options.algorithm !== 'none') {
    throw new Error('secretOrPrivateKey must have a value');
  }
  const isAbsent = secretOrPrivateKey === undefined || secretOrPrivateKey === null;
  const key = isAbsent ? null : forSigning(secretOrPrivateKey);
  if (key === undefined) throw new Error('secretOrPrivateKey is not valid key material');
  if (typeof alg !== 'string') throw new Error('"alg" in the header must be a string');
  const isSymmetric = alg.startsWith('HS');
  const isAsymmetric = /^(?:RS|PS|ES)/.test(alg);
  if (key === null && (isSymmetric || isAsymmetric)) {
    throw new Error('secretOrPrivateKey must have a value');
  }
  if (isSymmetric && key.type !== 'secret') {
    throw new Error(`secretOrPrivateKey must be a symmetric key when using ${alg}`);
  }
  if (isAsymmetric && key.type !== 'private') {
    throw new Error(`secretOrPrivateKey must be an asymmetric key when using ${alg}`);
  }
  if (isAsymmetric && !alg.startsWith('ES') && !options.allowInsecureKeySizes) {
    if (key.asymmetricKeyDetails?.modulusLength < 2048) throw tooSmall(alg);
  }
  return key;
}

function isEd25519(alg, key) {
  return isEdwards(alg) && key?.asymmetricKeyType === 'ed25519' && key.type === 'private';
}

function tooSmall(alg) {
  return new Error(`secretOrPrivateKey has a minimum key size of 2048 bits for ${alg}`);
}

function refuseClaimOptions(payload, options) {
  const given = CLAIM_OPTIONS.filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    throw new Error(`invalid ${given.join(',')} option for ${typeof payload} payload`);
  }
}

function refuseTwice(payload, options) {
  for (const [option, claim] of [
    ['expiresIn', 'exp'],
    ['notBefore', 'nbf'],
  ]) {
    if (options[option] !== undefined && payload[claim] !== undefined) {
      throw new Error(
        `Bad "options.${option}" option the payload already has an "${claim}" property.`,
      );
    }
  }
}

/** Writes the claims that come from the options and the clock. */
function complete(payload, options) {
  const issuedAt = payload.iat || Math.floor(Date.now() / 1000);
  if (options.noTimestamp) {
    delete payload.iat;
  } else {
    payload.iat = issuedAt;
  }
  if (options.notBefore !== undefined) setTime(payload, 'nbf', 'notBefore', options, issuedAt);
  if (options.expiresIn !== undefined) setTime(payload, 'exp', 'expiresIn', options, issuedAt);
  for (const [option, claim] of NAMED_CLAIMS) {
    if (options[option] === undefined) continue;
    if (payload[claim] !== undefined) {
      throw new Error(
        `Bad "options.${option}" option. The payload already has an "${claim}" property.`,
      );
    }
    payload[claim] = options[option];
  }
}

function setTime(payload, claim, option, options, issuedAt) {
  payload[claim] = timespan(options[option], issuedAt);
  if (payload[claim] !== undefined) return;
  throw new Error(
    `"${option}" should be a number of seconds or string representing a timespan ` +
      'eg: "1d", "20h", 60',
  );
}

function seal({ header, key, payload, options }) {
  const { alg } = header;
  if (alg !== 'none' && !isAlgorithm(alg) && !isEd25519(alg, key)) throw unknownAlgorithm(alg);
  const start = headerSegment(header, options.header === undefined);
  const text = textOf(payload);
  const handle = alg === 'none' ? null : key.signing(alg);
  const { encoding } = options;
  const isPlain = typeof text === 'string' && (!encoding || encoding === 'utf8');
  if (handle !== null && isPlain) return handle.sign(start, text);
  const input = start + Buffer.from(text, encoding || 'utf8').toString('base64url');
  if (alg === 'none') return `${input}.`;
  if (handle !== null) return handle.signInput(input);
  // A secret that is empty, or the text of another key, is refused by the engine.
  if (key.type === 'secret') throw new Error('secretOrPrivateKey is not valid key material');
  const token = `${input}.${signWithHost(alg, input, key.keyObject)}`;
  // Another kind of key that was let in, and is as small as an RSA key must not be.
  const isShort = !alg.startsWith('ES') && token.length < 256;
  if (isShort && !options.allowInsecureKeySizes) throw tooSmall(alg);
  return token;
}

function textOf(payload) {
  if (typeof payload === 'string') return payload;
  const isWritten = typeof payload === 'number' || Buffer.isBuffer(payload);
  return isWritten ? payload.toString() : JSON.stringify(payload);
}
