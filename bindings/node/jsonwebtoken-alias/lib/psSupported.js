// The path `jsonwebtoken/lib/psSupported`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/psSupported');
