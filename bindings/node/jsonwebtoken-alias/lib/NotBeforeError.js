// The path `jsonwebtoken/lib/NotBeforeError`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/NotBeforeError');
