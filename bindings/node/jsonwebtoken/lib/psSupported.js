// Whether this Node has RSA-PSS: every Node this package runs on has.
'use strict';

module.exports = true;
