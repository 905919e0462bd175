const FIELDS = ['jwtSecret', 'password', 'token'];
export const redact = (o) => ({ ...o, jwtSecret: '***', token: '[REDACTED]' });
