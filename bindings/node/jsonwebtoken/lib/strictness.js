// What is refused although the signature holds: headers that say what we don't obey, and JSON that
// other readers may read in another way.
'use strict';

const { whyNotStrictJson } = require('../../native');
const JsonWebTokenError = require('./JsonWebTokenError');

const MAX_KID_LENGTH = 1024;

/** Refuses a header with extensions (RFC 7515 §4.1.11, RFC 7797) or with members of wrong types. */
function checkUnderstood(token, header, options) {
  if (!saysTheUsual(header)) {
    for (const name of ['crit', 'b64']) {
      if (Object.hasOwn(header, name)) refuse(`jwt header "${name}" is not supported`);
    }
  }
  for (const name of ['typ', 'kid']) {
    if (header[name] !== undefined && typeof header[name] !== 'string') {
      refuse(`jwt header "${name}" must be a string`);
    }
  }
  if (header.kid?.length > MAX_KID_LENGTH) {
    refuse(`jwt header "kid" is longer than ${MAX_KID_LENGTH} characters`);
  }
  if (options.allowLooseJson !== true) checkJson(token.slice(0, token.indexOf('.')), 'header');
}

/** The one extension that demands what is done anyway (RFC 7797 §6): a payload that is encoded. */
function saysTheUsual({ crit, b64 }) {
  return b64 === true && Array.isArray(crit) && crit.length === 1 && crit[0] === 'b64';
}

/** Refuses claims that are not strict JSON in canonical base64url; `allowLooseJson` opts out. */
function checkStrictly(token, { header, payload }, options) {
  const isClaims = header.typ === 'JWT' || (typeof payload === 'object' && payload !== null);
  if (!isClaims || options.allowLooseJson === true) return;
  checkJson(token.slice(token.indexOf('.') + 1, token.lastIndexOf('.')), 'payload');
}

function checkJson(segment, name) {
  const bytes = Buffer.from(segment, 'base64url');
  if (bytes.toString('base64url') !== segment) refuse(`jwt ${name} is not canonical base64url`);
  const why = whyNotStrictJson(bytes);
  if (why !== null) refuse(`jwt ${name} is not strict JSON: ${why}`);
}

function refuse(message) {
  throw new JsonWebTokenError(message);
}

module.exports = { checkUnderstood, checkStrictly };
