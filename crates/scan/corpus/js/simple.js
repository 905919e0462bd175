const jwt = require('jwt-simple');
const token = jwt.encode({ sub: id }, 'puffin', 'HS512');
const body = jwt.decode(token, 'puffin');
