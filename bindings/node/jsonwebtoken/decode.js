// Reads a token without verifying it.
'use strict';

const { readLoosely } = require('./lib/compact');

/** The payload, or `{ header, payload, signature }` with `complete`; `null` for what is no token. */
module.exports = function decode(token, options) {
  const parts = readLoosely(token, options?.json);
  if (parts === null) return null;
  return options?.complete === true ? parts : parts.payload;
};
