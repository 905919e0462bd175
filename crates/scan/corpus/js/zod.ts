export const schema = z.object({
  JWT_SECRET: z.string().min(16, 'JWT_SECRET needs 16 characters'),
  JWT_TTL: z.string().default('1h'),
  PORT: z.coerce.number(),
});
