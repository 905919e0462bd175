// From "2 days", "10h" or a number of seconds to the second at which that time is over.
'use strict';

const ms = require('ms');

/** `from` is in seconds, by default now; `undefined` where `span` is no timespan. */
module.exports = function timespan(span, from) {
  const start = from || Math.floor(Date.now() / 1000);
  if (typeof span === 'number') return start + span;
  if (typeof span !== 'string') return undefined;
  // A number without a unit is taken for milliseconds, as `ms` does.
  const length = ms(span);
  return length === undefined ? undefined : Math.floor(start + length / 1000);
};
