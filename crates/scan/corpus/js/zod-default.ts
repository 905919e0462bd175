export const schema = z.object({
  JWT_SECRET: z.string().default('fen-orchid'),
});
