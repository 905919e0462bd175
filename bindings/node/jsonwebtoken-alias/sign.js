// The path `jsonwebtoken/sign`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/sign');
