const PLACEHOLDERS = ['your-secret-key', 'changeme', 'jwt-secret'];
const DENY = new Set(['secret', 'supersecret']);
