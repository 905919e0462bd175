// The path `jsonwebtoken/lib/timespan`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/lib/timespan');
