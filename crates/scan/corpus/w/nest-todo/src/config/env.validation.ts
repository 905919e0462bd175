import * as Joi from 'joi';
import { z } from 'zod';

export const validationSchema = Joi.object({
  PORT: Joi.number().default(3000),
  JWT_SECRET: Joi.string().min(32).required().messages({ 'any.required': 'JWT_SECRET is missing' }),
});

export const envSchema = z.object({
  JWT_SECRET: z.string().min(16, 'JWT_SECRET needs at least 16 characters'),
  JWT_REFRESH_SECRET: z.string({ required_error: 'refresh secret required' }),
  REDIS_URL: z.string().url(),
});

export interface AppConfig {
  jwtSecret: string;
  jwtExpiresIn: '15m' | '1h' | '7d';
}
