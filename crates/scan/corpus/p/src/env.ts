import { z } from 'zod';
export const env = z.object({
  JWT_SECRET: z.string().min(32, 'JWT_SECRET must have 32 characters'),
  JWT_REFRESH_SECRET: z.string().default('refresh-secret-for-dev'),
  JWT_EXPIRES_IN: z.string().default('15m'),
}).parse(process.env);
if (!env.JWT_SECRET) throw new Error('JWT_SECRET is missing');
