// The path `jsonwebtoken/lib/validateAsymmetricKey`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/validateAsymmetricKey');
