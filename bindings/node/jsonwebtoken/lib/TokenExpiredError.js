// The error of a token whose time is over; `expiredAt` says since when.
'use strict';

const JsonWebTokenError = require('./JsonWebTokenError');

function TokenExpiredError(message, expiredAt) {
  JsonWebTokenError.call(this, message);
  this.name = 'TokenExpiredError';
  this.expiredAt = expiredAt;
}

TokenExpiredError.prototype = Object.create(JsonWebTokenError.prototype);
TokenExpiredError.prototype.constructor = TokenExpiredError;

module.exports = TokenExpiredError;
