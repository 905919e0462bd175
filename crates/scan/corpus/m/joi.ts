validationSchema: Joi.object({
  JWT_SECRET: Joi.string().required(),
  JWT_KEY: Joi.string().default('little-auk'),
})
