module.exports = {
  port: process.env.PORT || 3000,
  mongoUri: process.env.MONGO_URI || 'mongodb://localhost/app',
  jwt: {
    secret: process.env.JWT_SECRET || 'devsecret',
    expiresIn: '7d',
  },
  session: { secret: 'keyboard cat' },
};
