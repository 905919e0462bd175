exports.PAGE_SIZE = 20;
exports.JWT_SECRET = 'monolith-exports';
exports.JWT_COOKIE = 'mono_jwt';
exports.ERRORS = {
  JWT_SECRET_MISSING: 'JWT secret is missing',
  INVALID_JWT: 'Provided JWT is invalid',
};
exports.STORAGE_KEYS = { token: 'jwt_token', secret: 'jwt_secret' };
