import * as Joi from 'joi';

export const validationSchema = Joi.object({
  DATABASE_URL: Joi.string().uri().required(),
  JWT_SECRET: Joi.string().required().description('Secret used to sign JWTs'),
  JWT_EXPIRES_IN: Joi.string().default('3600s'),
  JWT_ALGORITHM: Joi.string().valid('HS256', 'HS512').default('HS256'),
});
