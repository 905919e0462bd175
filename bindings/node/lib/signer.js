// Signers: a key, or a ring, and the claims that every token gets.
'use strict';

const crypto = require('node:crypto');
const { answered, badOption, isRefusal, KeytideError } = require('./errors');
const { headerSegment } = require('../jsonwebtoken/lib/headerSegment');
const { SigningKey, handleOf } = require('./keys');
const { Ring, ringOf } = require('./ring');
const milliseconds = require('./spans');

/**
 * Makes `sign(claims)`, which gives the token, and `sign.async(claims)`, which also fetches keys where
 * a ring needs them, and has a ring's server sign where the key is there.
 *
 * `iat` is written unless the claims have it; `issuer`, `audience`, `subject`, `expiresIn`, `notBefore`
 * and `jti` write theirs where the claims have none.
 */
function createSigner({ key, ring, typ = 'JWT', ...usual }) {
  const write = writer(usual);
  const source = ring ?? (key instanceof Ring ? key : undefined);
  if (source === undefined) {
    if (!(key instanceof SigningKey)) throw badOption('key', 'must be a SigningKey or a Ring');
    const handle = handleOf(key);
    const start = startOf(handle, typ);
    const sign = (claims) => handle.sign(start, write(claims));
    sign.async = async (claims) => sign(claims);
    return sign;
  }
  const sign = (claims) => {
    const handle = answered(ringOf(source).signing());
    if (typeof handle === 'string') throw signsElsewhere(handle);
    return handle.sign(startOf(handle, typ), write(claims));
  };
  sign.async = async (claims) => {
    const text = write(claims);
    const answer = ringOf(source).signing();
    const isHere = !isRefusal(answer) && typeof answer !== 'string';
    if (isHere) return answer.sign(startOf(answer, typ), text);
    if (isRefusal(answer) && answer.code !== 'fetch_needed') answered(answer);
    return answered(await ringOf(source).sign(typ, text));
  };
  return sign;
}

function startOf(handle, typ) {
  return headerSegment({ alg: handle.algorithm, typ, kid: handle.kid ?? undefined }, true);
}

function signsElsewhere(alg) {
  return new KeytideError(
    'signs_on_server',
    `the ring's ${alg} key never leaves its server`,
    'Use sign.async, or jwt.sign with a callback: the server signs.',
  );
}

/** From claims to their JSON, with what is usual filled in. */
function writer({ issuer, audience, subject, expiresIn, notBefore, jti = false, ...unknown }) {
  for (const name of Object.keys(unknown)) throw badOption(name, 'is no option of a signer');
  const life = milliseconds('expiresIn', expiresIn);
  const delay = milliseconds('notBefore', notBefore);
  return (claims) => {
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw badClaim('the claims are no object');
    }
    const all = { ...claims };
    all.iat ??= Math.floor(Date.now() / 1000);
    if (delay !== undefined) all.nbf ??= Math.floor(all.iat + delay / 1000);
    if (life !== undefined) all.exp ??= Math.floor(all.iat + life / 1000);
    if (issuer !== undefined) all.iss ??= issuer;
    if (audience !== undefined) all.aud ??= audience;
    if (subject !== undefined) all.sub ??= subject;
    if (jti) all.jti ??= crypto.randomUUID();
    checkTypes(all);
    return JSON.stringify(all);
  };
}

/** Registered claims have the types that RFC 7519 §4.1 gives them: what nobody accepts is not issued. */
function checkTypes({ iss, sub, aud, exp, nbf, iat, jti }) {
  checkText('iss', iss);
  checkText('sub', sub);
  checkText('jti', jti);
  checkTime('exp', exp);
  checkTime('nbf', nbf);
  checkTime('iat', iat);
  if (aud === undefined || typeof aud === 'string') return;
  if (!Array.isArray(aud) || !aud.every((one) => typeof one === 'string')) {
    throw badClaim('aud is neither a string nor a list of strings');
  }
}

function checkText(name, text) {
  if (text !== undefined && typeof text !== 'string') throw badClaim(`${name} is no string`);
}

function checkTime(name, time) {
  if (time !== undefined && !Number.isFinite(time)) throw badClaim(`${name} is no number of seconds`);
}

function badClaim(message) {
  return new KeytideError(
    'invalid_claim_type',
    `invalid claim: ${message}`,
    'The issuer must write it as RFC 7519 §4.1 says.',
  );
}

module.exports = { createSigner };
