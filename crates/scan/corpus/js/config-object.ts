export default {
  port: Number(process.env.PORT || 3000),
  jwt: {
    secret: process.env.JWT_SECRET || 'lava-gull',
    expiresIn: process.env.JWT_EXPIRES_IN || '15m',
    audience: process.env.JWT_AUD || 'acme-web',
  },
};
