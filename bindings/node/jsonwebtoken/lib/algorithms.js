// The names of the algorithms, and the error for any other.
'use strict';

const NAMES = ['RS', 'PS', 'ES', 'HS'].flatMap((family) =>
  ['256', '384', '512'].map((bits) => family + bits),
);
const SIGNING = new Set(NAMES);

/** Whether it is the name of an algorithm that signs; `none` is not. */
function isAlgorithm(name) {
  return SIGNING.has(name);
}

/** Names for Ed25519 (RFC 8037, RFC 9864). No default list has them: who wants them names them. */
function isEdwards(name) {
  return name === 'EdDSA' || name === 'Ed25519';
}

function unknownAlgorithm(name) {
  const list = ['HS', 'RS', 'PS', 'ES'].flatMap((family) =>
    ['256', '384', '512'].map((bits) => `"${family}${bits}"`),
  );
  return new TypeError(
    `"${name}" is not a valid algorithm.\n  Supported algorithms are:\n  ${list.join(', ')} and "none".`,
  );
}

module.exports = { isAlgorithm, isEdwards, unknownAlgorithm };
