// The options and registered claims that `sign` accepts, and what it says of others.
'use strict';

const isPlainObject = require('./plainObject');

const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'HS256', 'HS384', 'HS512', 'none'],
  ...['EdDSA', 'Ed25519'],
];

const isString = (value) => typeof value === 'string' || value instanceof String;
const isBoolean = (value) => typeof value === 'boolean' || value instanceof Boolean;
const isNumber = (value) => typeof value === 'number' || value instanceof Number;
const isTimespan = (value) => Number.isInteger(value) || (isString(value) && Boolean(value));

const string = (name) => [name, { accepts: isString, message: `"${name}" must be a string` }];
const boolean = (name) => [name, { accepts: isBoolean, message: `"${name}" must be a boolean` }];
const seconds = (name) => [
  name,
  { accepts: isNumber, message: `"${name}" should be a number of seconds` },
];
const span = (name) => [
  name,
  {
    accepts: isTimespan,
    message: `"${name}" should be a number of seconds or string representing a timespan`,
  },
];

const OPTIONS = new Map([
  span('expiresIn'),
  span('notBefore'),
  [
    'audience',
    {
      accepts: (value) => isString(value) || Array.isArray(value),
      message: '"audience" must be a string or array',
    },
  ],
  [
    'algorithm',
    {
      accepts: (value) => ALGORITHMS.includes(value),
      message: '"algorithm" must be a valid string enum value',
    },
  ],
  ['header', { accepts: isPlainObject, message: '"header" must be an object' }],
  ...['encoding', 'issuer', 'subject', 'jwtid', 'keyid'].map(string),
  ...['noTimestamp', 'mutatePayload'].map(boolean),
  ...['allowInsecureKeySizes', 'allowInvalidAsymmetricKeyTypes'].map(boolean),
]);

const CLAIMS = new Map(['iat', 'exp', 'nbf'].map(seconds));

/** Throws at the first option that is unknown or of the wrong type. */
function checkOptions(options) {
  if (!isPlainObject(options)) throw new Error('Expected "options" to be a plain object.');
  for (const name of Object.keys(options)) {
    const rule = OPTIONS.get(name);
    if (rule === undefined) throw new Error(`"${name}" is not allowed in "options"`);
    if (!rule.accepts(options[name])) throw new Error(rule.message);
  }
}

/** Throws at the first registered time that is no number. */
function checkClaims(payload) {
  if (!isPlainObject(payload)) throw new Error('Expected "payload" to be a plain object.');
  for (const name of Object.keys(payload)) {
    const rule = CLAIMS.get(name);
    if (rule !== undefined && !rule.accepts(payload[name])) throw new Error(rule.message);
  }
}

module.exports = { checkOptions, checkClaims };
