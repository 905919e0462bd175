import { z } from 'zod';

const envSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: z.coerce.number().default(3000),
  DATABASE_URL: z.string().url(),
  JWT_SECRET: z.string().min(32, 'JWT_SECRET must be at least 32 characters'),
  JWT_REFRESH_SECRET: z.string().min(32).default('change-this-refresh-secret-to-something-long'),
  JWT_EXPIRES_IN: z.string().default('15m'),
  COOKIE_DOMAIN: z.string().default('localhost'),
});

export type Env = z.infer<typeof envSchema>;

export const env = envSchema.parse(process.env);
