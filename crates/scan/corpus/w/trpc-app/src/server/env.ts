const {
  PORT = '3000',
  JWT_SECRET = 'trpc-destructured',
  JWT_ISSUER = 'trpc-app',
} = process.env;

export const env = { PORT, JWT_SECRET, JWT_ISSUER };

export const JWT_SECRET_ENV_NAME = 'APP_JWT_SECRET';
export const appSecret = process.env[JWT_SECRET_ENV_NAME];
