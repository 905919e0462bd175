const crypto = require('crypto');
const SECRET_KEY = '0f9e8d7c6b5a49382716253443526170';
const c = crypto.createCipheriv('aes-128-cbc', Buffer.from(SECRET_KEY, 'hex'), iv);
