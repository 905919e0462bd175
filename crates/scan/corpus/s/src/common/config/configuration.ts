import { registerAs } from '@nestjs/config';

export const databaseConfig = registerAs('database', () => ({
  host: process.env.DB_HOST || 'localhost',
  password: process.env.DB_PASSWORD || 'postgres',
}));

export default registerAs('jwt', () => ({
  secret: process.env.JWT_SECRET || 'D0n7T3llAny0ne!',
  publicKey: process.env.JWT_PUBLIC_KEY,
  signOptions: {
    issuer: process.env.JWT_ISS || 'inventory-service',
    expiresIn: process.env.JWT_EXP || '900s',
  },
}));
