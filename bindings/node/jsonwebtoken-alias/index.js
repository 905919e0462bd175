// The package that stands in for `jsonwebtoken` under its name.
'use strict';

const jwt = require('keytide/jsonwebtoken');

const { decode, verify, sign, JsonWebTokenError, NotBeforeError, TokenExpiredError } = jwt;

// A literal with plain names, because that is how Node finds the named imports of ES modules.
module.exports = { decode, verify, sign, JsonWebTokenError, NotBeforeError, TokenExpiredError };
