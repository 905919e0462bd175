// Verifiers: keys and a policy prepared for many tokens.
'use strict';

const native = require('../native');
const { answered, badOption, KeytideError, isRefusal } = require('./errors');
const { VerifyingKey, handleOf } = require('./keys');
const { Ring, ringOf } = require('./ring');
const milliseconds = require('./spans');
const VerifiedTokens = require('./verifiedTokens');

const WAIVERS = ['anyIssuer', 'anyAudience', 'anyTyp', 'noExpiry', 'futureIat', 'anyLeeway'];

/**
 * Makes `verify(token)`, which gives the claims or throws a `KeytideError`, and `verify.async(token)`,
 * which also fetches keys where a ring needs them.
 *
 * `issuer`, `audience` and `typ` must be chosen, or waived by name in `danger`. With `cache`, tokens
 * that were seen before are answered from memory, and claims are frozen, for they are shared.
 */
function createVerifier({ key, keys, ring, cache, ...demands }) {
  const policy = policyOf(demands);
  const source = ring ?? (key instanceof Ring ? key : undefined);
  const verifier = answered(
    source === undefined
      ? native.verifierOfKeys(keyHandles(keys ?? [key]), policy)
      : native.verifierOfRing(ringOf(source), policy),
  );
  const seen = cache ? new VerifiedTokens(cache, policy) : undefined;
  const identity = source === undefined ? () => 0 : () => ringOf(source).identity();

  function verify(token) {
    if (typeof token !== 'string') throw malformed();
    const now = Date.now();
    if (seen === undefined) return JSON.parse(answered(verifier.verify(token, now)));
    const keysNow = identity();
    const known = seen.get(token, now, keysNow);
    if (known !== undefined) return known;
    return seen.set(token, JSON.parse(answered(verifier.verify(token, now))), keysNow);
  }

  verify.async = async function verifyAsync(token) {
    if (source !== undefined && typeof token === 'string') {
      const answer = verifier.verify(token, Date.now());
      if (isRefusal(answer) && answer.code === 'fetch_needed') {
        answered(await ringOf(source).fetchForToken(token));
      }
    }
    return verify(token);
  };
  return verify;
}

function malformed() {
  return new KeytideError(
    'malformed_token',
    'malformed token: it is no string',
    'Hand over the token as it was received, as a string.',
  );
}

function keyHandles(keys) {
  if (!keys.every((key) => key instanceof VerifyingKey) || keys.length === 0) {
    throw badOption('key', 'must be a VerifyingKey or a Ring, and keys a list of VerifyingKeys');
  }
  return keys.map(handleOf);
}

/** The policy as the addon takes it, if everything that must be chosen was. */
function policyOf(demands) {
  const { issuer, audience, noAudience = false, typ, subject, leeway, required = [], danger = {}, ...rest } = demands;
  const { maxAge, maxTokenLife, ...unknown } = rest;
  for (const name of Object.keys(unknown)) throw badOption(name, 'is no option of a verifier');
  for (const name of Object.keys(danger)) {
    if (!WAIVERS.includes(name)) throw badOption(`danger.${name}`, 'is no waiver of a verifier');
  }
  return {
    issuers: chosen('issuer', issuer, danger.anyIssuer, 'anyIssuer'),
    audiences: chosen('audience', audience, noAudience || danger.anyAudience, 'anyAudience'),
    noAudience,
    typ: chosen('typ', typ, danger.anyTyp, 'anyTyp')?.[0],
    subject,
    leeway: milliseconds('leeway', leeway) ?? 0,
    required,
    maxAge: milliseconds('maxAge', maxAge),
    maxTokenLife: milliseconds('maxTokenLife', maxTokenLife),
    allowNoExpiry: danger.noExpiry === true,
    allowFutureIat: danger.futureIat === true,
    anyLeeway: danger.anyLeeway === true,
  };
}

/** A list of texts, or `undefined` where the choice was waived; exactly one of both must be. */
function chosen(name, value, isWaived, waiver) {
  if (value === undefined && isWaived) return undefined;
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((text) => typeof text === 'string' && text !== '') && !isWaived) {
    return list;
  }
  throw new KeytideError(
    'policy_incomplete',
    `${name} is neither chosen nor waived`,
    `Give ${name}, or waive it with danger: { ${waiver}: true }.`,
  );
}

module.exports = { createVerifier };
