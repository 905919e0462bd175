// The path `jsonwebtoken/verify`, which programs import.
'use strict';

module.exports = require('keytide/jsonwebtoken/verify');
