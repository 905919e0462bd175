// The claims against the clock and what the caller expects, in the order in which each check speaks.
'use strict';

const timespan = require('./timespan');
const JsonWebTokenError = require('./JsonWebTokenError');
const NotBeforeError = require('./NotBeforeError');
const TokenExpiredError = require('./TokenExpiredError');

/** `now` is in seconds. The payload may be any JSON value but `null`. */
module.exports = function checkClaims(payload, options, now) {
  const tolerance = options.clockTolerance || 0;
  checkTimes(payload, options, now, tolerance);
  if (options.audience) checkAudience(payload.aud, options.audience);
  if (options.issuer) checkIssuer(payload.iss, options.issuer);
  if (options.subject) checkEqual('subject', payload.sub, options.subject);
  if (options.jwtid) checkEqual('jwtid', payload.jti, options.jwtid);
  if (options.nonce) checkEqual('nonce', payload.nonce, options.nonce);
  if (options.maxAge) checkAge(payload.iat, options.maxAge, now, tolerance);
  if (payload.iat !== undefined && typeof payload.iat !== 'number') refuse('invalid iat value');
  if (options.requiredClaims !== undefined) checkPresence(payload, options.requiredClaims);
};

function checkTimes({ nbf, exp }, options, now, tolerance) {
  if (nbf !== undefined && !options.ignoreNotBefore) {
    if (!isTime(nbf)) refuse('invalid nbf value');
    if (nbf > now + tolerance) throw new NotBeforeError('jwt not active', new Date(nbf * 1000));
  }
  if (exp !== undefined && !options.ignoreExpiration) {
    if (!isTime(exp)) refuse('invalid exp value');
    if (now >= exp + tolerance) throw new TokenExpiredError('jwt expired', new Date(exp * 1000));
  }
}

/** A number too large for JavaScript is read as infinite: such a token would never expire. */
function isTime(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

function checkAudience(aud, expected) {
  const accepted = Array.isArray(expected) ? expected : [expected];
  const found = Array.isArray(aud) ? aud : [aud];
  const isMeant = found.some((name) => accepted.some((one) => isAudience(name, one)));
  if (!isMeant) refuse(`jwt audience invalid. expected: ${accepted.join(' or ')}`);
}

function isAudience(name, accepted) {
  // An audience that is not there is nobody's, whatever a pattern makes of the word "undefined".
  if (name === undefined) return false;
  if (!(accepted instanceof RegExp)) return name === accepted;
  accepted.lastIndex = 0;
  return accepted.test(name);
}

function checkIssuer(iss, expected) {
  if (typeof expected !== 'string' && !Array.isArray(expected)) {
    refuse('issuer must be a string or an array of strings');
  }
  const isExpected =
    typeof expected === 'string' ? iss === expected : iss !== undefined && expected.includes(iss);
  if (!isExpected) refuse(`jwt issuer invalid. expected: ${expected}`);
}

function checkEqual(name, value, expected) {
  if (value !== expected) refuse(`jwt ${name} invalid. expected: ${expected}`);
}

function checkAge(iat, maxAge, now, tolerance) {
  if (typeof iat !== 'number') refuse('iat required when maxAge is specified');
  const end = timespan(maxAge, iat);
  if (end === undefined) {
    refuse(
      '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
    );
  }
  if (now >= end + tolerance) {
    throw new TokenExpiredError('maxAge exceeded', new Date(end * 1000));
  }
}

function checkPresence(payload, claims) {
  for (const claim of claims) {
    if (payload === null || typeof payload !== 'object' || !Object.hasOwn(payload, claim)) {
      refuse(`jwt claim required: ${claim}`);
    }
  }
}

function refuse(message) {
  throw new JsonWebTokenError(message);
}
