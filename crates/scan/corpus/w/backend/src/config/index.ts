import dotenv from 'dotenv';

dotenv.config();

export const config = {
  port: Number(process.env.PORT || 4000),
  mongoUri: process.env.MONGO_URI || 'mongodb://localhost:27017/tracker',
  jwt: {
    secret: process.env.JWT_SECRET || 'tracker-dev-jwt',
    expiresIn: process.env.JWT_EXPIRES_IN || '7d',
    issuer: process.env.JWT_ISSUER ?? 'tracker.example.io',
    refreshSecret: process.env.JWT_REFRESH_SECRET ?? 'tracker-dev-refresh',
  },
  corsOrigin: process.env.CORS_ORIGIN || '*',
};
