export enum EnvKeys { JWT_SECRET = 'JWT_SECRET', JWT_TTL = 'JWT_TTL' }
export const TOKENS = { secret: Symbol('JWT_SECRET') };
