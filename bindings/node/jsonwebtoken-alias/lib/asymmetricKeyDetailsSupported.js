// The path `jsonwebtoken/lib/asymmetricKeyDetailsSupported`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/asymmetricKeyDetailsSupported');
