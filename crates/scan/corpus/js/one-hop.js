const jwt = require('jsonwebtoken');
const k = 'sandpiper-and-eel';
module.exports = (p) => jwt.sign(p, k);
