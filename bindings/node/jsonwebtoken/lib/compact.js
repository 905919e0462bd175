// The three segments of a compact token, read as `decode` and `verify` read them.
'use strict';

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Reads what looks like a token. The payload of a token of type JWT must be JSON, or a SyntaxError
 * is thrown; any other is a string, unless it happens to be the JSON of an object.
 */
function readLoosely(token, payloadIsJson) {
  const text = asText(token);
  if (!COMPACT.test(text)) return null;
  const [headerText, payloadText, signature] = text.split('.');
  // Each byte for one character: what a header beyond ASCII has always been read as.
  const header = parsed(Buffer.from(headerText, 'base64').toString('latin1'));
  if (!header) return null;
  let payload = Buffer.from(payloadText, 'base64').toString();
  if (header.typ === 'JWT' || payloadIsJson) payload = JSON.parse(payload);
  if (typeof payload === 'string') {
    const object = parsed(payload);
    if (typeof object === 'object' && object !== null) payload = object;
  }
  return { header, payload, signature };
}

function asText(token) {
  if (typeof token === 'string') return token;
  if (typeof token === 'number' || Buffer.isBuffer(token)) return token.toString();
  return JSON.stringify(token);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

module.exports = { readLoosely };
