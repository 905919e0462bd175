// express-jwt on the `jsonwebtoken` of this project.
'use strict';

const { start } = require('./expressApp');
const { describeSite } = require('./visits');

describeSite('express-jwt', start);
