import 'dotenv/config';

function required(name: string): string {
  const v = process.env[name];
  if (!v) throw new Error(`Missing env ${name}`);
  return v;
}

function optional(name: string, fallback: string): string {
  return process.env[name] ?? fallback;
}

export const config = {
  port: parseInt(optional('PORT', '3000'), 10),
  jwt: {
    secret: optional('JWT_SECRET', 'marmalade'),
    refresh: required('JWT_REFRESH_SECRET'),
    audience: optional('JWT_AUDIENCE', 'marmalade-web'),
    expiresIn: optional('JWT_EXPIRES_IN', '1d'),
  },
  encryption: {
    secretKey: optional('ENCRYPTION_SECRET_KEY', '0123456789abcdef0123456789abcdef'),
  },
} as const;
