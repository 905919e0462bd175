var jwt = require('jwt-simple');
var payload = { userid: 1 };
var token = jwt.encode(payload, 'fe1a1915a379f3be5394b64d14794932', 'HS256');
var decoded = jwt.decode(token, 'fe1a1915a379f3be5394b64d14794932');
