// The error of a token whose time has not come; `date` says when it does.
'use strict';

const JsonWebTokenError = require('./JsonWebTokenError');

function NotBeforeError(message, date) {
  JsonWebTokenError.call(this, message);
  this.name = 'NotBeforeError';
  this.date = date;
}

NotBeforeError.prototype = Object.create(JsonWebTokenError.prototype);
NotBeforeError.prototype.constructor = NotBeforeError;

module.exports = NotBeforeError;
