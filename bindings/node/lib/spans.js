// Spans of time as options are given them: seconds as a number, or a text with its unit such as "15m".
'use strict';

const ms = require('ms');
const { badOption } = require('./errors');

/** Milliseconds, or `undefined` where nothing was given. A text needs a unit: "60" says nothing. */
module.exports = function milliseconds(name, span) {
  if (span === undefined) return undefined;
  if (typeof span === 'number' && Number.isFinite(span) && span >= 0) return span * 1000;
  const length = typeof span === 'string' && /[a-z]/i.test(span) ? ms(span) : undefined;
  if (length === undefined || !(length >= 0)) {
    throw badOption(name, 'must be a number of seconds or a text with a unit, such as "15m"');
  }
  return length;
};
