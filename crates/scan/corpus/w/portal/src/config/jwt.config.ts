import { registerAs } from '@nestjs/config';

export default registerAs('jwt', () => ({
  secret: process.env.JWT_SECRET,
  algorithm: process.env.JWT_ALGORITHM || 'HS256',
  cookieName: process.env.JWT_COOKIE_NAME || 'portal_token',
  headerName: process.env.JWT_HEADER ?? 'authorization',
  keyId: process.env.JWT_KEY_ID || 'portal-key-1',
  privateKeyPath: process.env.JWT_PRIVATE_KEY_PATH || './keys/private.pem',
  secretName: process.env.JWT_SECRET_NAME || 'prod/portal/jwt',
  secretArn: process.env.JWT_SECRET_ARN || 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:jwt-AbCdEf',
  jwksUri: process.env.JWKS_URI || 'https://portal.example.com/.well-known/jwks.json',
  refresh: {
    secret: process.env.JWT_REFRESH_TOKEN_SECRET || 'portal-refresh-registerAs',
    expiresIn: process.env.JWT_REFRESH_EXPIRATION || '30d',
  },
}));
