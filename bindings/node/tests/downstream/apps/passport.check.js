// passport-jwt on the `jsonwebtoken` of this project.
'use strict';

const { start } = require('./passportApp');
const { describeSite } = require('./visits');

describeSite('passport-jwt', start);
