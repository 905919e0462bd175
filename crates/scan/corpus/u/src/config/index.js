require('dotenv').config();

module.exports = {
  env: process.env.NODE_ENV || 'development',
  port: parseInt(process.env.PORT, 10) || 5000,
  db: {
    uri: process.env.MONGO_URI || 'mongodb://localhost:27017/shopdb',
  },
  jwt: {
    secret: process.env.JWT_SECRET || 'shopdb-jwt-2021',
    accessExpirationMinutes: process.env.JWT_ACCESS_EXPIRATION_MINUTES || '30',
    refreshExpirationDays: 30,
    issuer: process.env.JWT_ISSUER || 'shopdb-api',
  },
  session: {
    secret: process.env.SESSION_SECRET || 'keyboard dog',
    name: 'shop.sid',
  },
  mail: {
    from: 'noreply@shopdb.io',
    apiKey: process.env.SENDGRID_API_KEY,
  },
};
