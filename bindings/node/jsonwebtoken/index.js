// The drop-in for `jsonwebtoken` 9: the same six names, the same results and messages.
'use strict';

const decode = require('./decode');
const verify = require('./verify');
const sign = require('./sign');
const JsonWebTokenError = require('./lib/JsonWebTokenError');
const NotBeforeError = require('./lib/NotBeforeError');
const TokenExpiredError = require('./lib/TokenExpiredError');

// A literal with plain names, because that is how Node finds the named imports of ES modules.
module.exports = { decode, verify, sign, JsonWebTokenError, NotBeforeError, TokenExpiredError };
