import { z } from 'zod';

const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']),
  PORT: z.coerce.number().default(4000),
  JWT_SECRET: z.string().min(32, 'JWT_SECRET needs 32 characters'),
  JWT_REFRESH_SECRET: z.string().default('refresh-me-please-9000'),
  JWT_ISSUER: z.string().default('acme-auth'),
});

export const env = schema.parse(process.env);
