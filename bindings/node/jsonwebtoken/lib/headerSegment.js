// The header as the first segment of a token, kept where it is one that comes again and again.
'use strict';

const RecentMap = require('./recentMap');

const usual = new RecentMap(256);
const MAX_KEPT_KID = 256;

/** The segment with its dot; `isUsual` says that the header has nothing but alg, typ and kid. */
function headerSegment(header, isUsual) {
  const { alg, typ, kid } = header;
  if (!isUsual || (kid !== undefined && kid.length > MAX_KEPT_KID)) return encode(header);
  const name = `${alg} ${typ ?? ''} ${kid === undefined ? '' : `=${kid}`}`;
  return usual.get(name) ?? usual.set(name, encode(header));
}

function encode(header) {
  const json = JSON.stringify(header).replace(/[^\x20-\x7e]/g, escaped);
  return `${Buffer.from(json, 'latin1').toString('base64url')}.`;
}

/** Beyond ASCII readers differ in how they decode a header; an escape all of them read alike. */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

module.exports = { headerSegment };
