// Whether this Node has the RSA-PSS parameters in KeyObject.asymmetricKeyDetails: every Node this package runs on has.
'use strict';

module.exports = true;
