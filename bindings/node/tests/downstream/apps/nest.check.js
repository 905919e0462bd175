// @nestjs/jwt on the `jsonwebtoken` of this project.
'use strict';

const { start } = require('./nestApp');
const { describeSite } = require('./visits');

describeSite('@nestjs/jwt', start);
