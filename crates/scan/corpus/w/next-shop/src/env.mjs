import { createEnv } from '@t3-oss/env-nextjs';
import { z } from 'zod';

export const env = createEnv({
  server: {
    JWT_SECRET: process.env.NODE_ENV === 'production' ? z.string().min(1, 'JWT secret missing') : z.string().optional(),
    JWT_ISSUER: z.string().default('next-shop'),
    AUTH_JWT_SECRET: z.string().default('zod-default-signing'),
  },
  runtimeEnv: { JWT_SECRET: process.env.JWT_SECRET },
});
