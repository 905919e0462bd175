// The path `jsonwebtoken/lib/TokenExpiredError`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/TokenExpiredError');
