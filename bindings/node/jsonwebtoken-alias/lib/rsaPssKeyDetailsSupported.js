// The path `jsonwebtoken/lib/rsaPssKeyDetailsSupported`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/rsaPssKeyDetailsSupported');
