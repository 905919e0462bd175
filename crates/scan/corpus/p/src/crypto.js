const crypto = require('crypto');
const SECRET_KEY = 'aes-key-32-bytes-long-0123456789';
function enc(x) { return crypto.createCipheriv('aes-256-cbc', SECRET_KEY, iv); }
const webhookSecret = 'whsec_abc123';
const clientSecret = process.env.CLIENT_SECRET || 'client-x';
