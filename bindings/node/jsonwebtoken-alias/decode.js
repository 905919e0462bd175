// The path `jsonwebtoken/decode`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/decode');
