// The path `jsonwebtoken/lib/JsonWebTokenError`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/JsonWebTokenError');
