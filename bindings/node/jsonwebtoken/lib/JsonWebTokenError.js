// The error of a token that does not hold; `name`, `message` and `inner` are its own and enumerable.
'use strict';

function JsonWebTokenError(message, inner) {
  Error.captureStackTrace?.(this, this.constructor);
  this.name = 'JsonWebTokenError';
  this.message = message;
  if (inner) this.inner = inner;
}

JsonWebTokenError.prototype = Object.create(Error.prototype);
// Enumerable like the original's: loops over an error's properties see it there.
JsonWebTokenError.prototype.constructor = JsonWebTokenError;

module.exports = JsonWebTokenError;
