// Which row of the quirk table explains that a call comes to something else than with the original.
'use strict';

const CLAIMS_ERROR =
  /^(jwt (expired|not active|audience|issuer|subject|jwtid|nonce) ?|invalid (nbf|exp) value|iat required|"maxAge"|maxAge)/;

/** The original got as far as the claims: what ours refuses before them, it did not look at. */
const passedSignature = ({ sync }) =>
  sync.error === undefined || CLAIMS_ERROR.test(sync.error.message) || isLeak(sync.error);

const isLeak = (error) =>
  error?.class === 'TypeError' && /^Cannot read|is not a function/.test(error.message);

const message = ({ sync }) => sync.error?.message ?? '';

/** Rows by name: whether the two outcomes differ for this reason. */
const VERIFY = {
  'crit-ignored': (theirs, ours) => passedSignature(theirs) && /header "crit"/.test(message(ours)),
  'b64-ignored': (theirs, ours) => passedSignature(theirs) && /header "b64"/.test(message(ours)),
  'header-types': (theirs, ours) =>
    passedSignature(theirs) && /header "(typ|kid)" must be/.test(message(ours)),
  'loose-json': (theirs, ours) =>
    passedSignature(theirs) && /is not strict JSON/.test(message(ours)),
  'loose-base64': (theirs, ours) =>
    passedSignature(theirs) && /is not canonical base64url/.test(message(ours)),
  'loose-signature': (theirs, ours) =>
    passedSignature(theirs) && message(ours) === 'invalid signature',
  'keys-as-secrets': (theirs, ours) =>
    (passedSignature(theirs) || message(theirs) === 'invalid signature') &&
    message(ours) === 'secretOrPublicKey is not valid key material',
  'weak-rsa': (theirs, ours) => passedSignature(theirs) && /is too weak/.test(message(ours)),
  'null-payload': (theirs, ours) =>
    isLeak(theirs.sync.error) && message(ours) === 'invalid token',
  'leaked-type-errors': (theirs, ours) =>
    (isLeak(theirs.sync.error) || isLeak(theirs.async.thrown)) &&
    ours.sync.error?.class === 'JsonWebTokenError' &&
    ours.async.thrown === undefined,
  'unusual-issuer': (theirs, ours) =>
    passedSignature(theirs) && /^issuer must be/.test(message(ours)),
  'infinite-times': (theirs, ours, [token]) =>
    passedSignature(theirs) && /^invalid (exp|nbf) value/.test(message(ours)) && /e999/.test(text(token)),
  'iat-type': (theirs, ours) =>
    theirs.sync.error === undefined && message(ours) === 'invalid iat value',
};

const SIGN = {
  ed25519: (theirs, ours, [, , options]) =>
    options?.algorithm === 'EdDSA' && message(theirs) === '"algorithm" must be a valid string enum value',
  'callback-twice': (theirs) => theirs.async.calls.length > 1,
  'callback-never': (theirs, ours) =>
    theirs.async.calls.length === 0 &&
    theirs.async.thrown === undefined &&
    ours.async.calls.length === 1,
  'callback-unexpected-type': (theirs) =>
    /^Unexpected data type/.test(theirs.async.thrown?.message),
  'claims-named-like-methods': (theirs) =>
    theirs.sync.error?.message === 'validator.isValid is not a function',
  'keys-as-secrets': (theirs, ours) =>
    theirs.sync.error === undefined &&
    message(ours) === 'secretOrPrivateKey is not valid key material',
  'leaked-type-errors': (theirs, ours) =>
    isLeak(theirs.sync.error) && ours.sync.error?.class === 'Error' && ours.async.thrown === undefined,
};

function text(token) {
  return Buffer.from(token.split('.')[1], 'base64url').toString();
}

const rowOf = (rows) => (args, theirs, ours) =>
  Object.keys(rows).find((name) => rows[name](theirs, ours, args));

module.exports = { quirkOfSign: rowOf(SIGN), quirkOfVerify: rowOf(VERIFY) };
