const WEAK = ['secret', 'changeme', 'jwt-secret', 'your-256-bit-secret'];
module.exports.isWeak = (s) => WEAK.includes(s) || s === 'password';
