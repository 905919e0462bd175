const jwt = require('jsonwebtoken');
jwt.sign(p, Buffer.from('c2FsdG1hcnNoLXNwYXJyb3c=', 'base64'));
