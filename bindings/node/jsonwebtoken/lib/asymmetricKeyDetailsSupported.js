// Whether this Node has KeyObject.asymmetricKeyDetails: every Node this package runs on has.
'use strict';

module.exports = true;
