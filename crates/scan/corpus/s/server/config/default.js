// feathers configuration
module.exports = {
  host: 'localhost',
  port: 3030,
  public: './public/',
  paginate: { default: 10, max: 50 },
  authentication: {
    entity: 'user',
    service: 'users',
    secret: 'zJq3V8QkY2hA5rWc0tE7nB1m',
    authStrategies: ['jwt', 'local'],
    jwtOptions: {
      header: { typ: 'access' },
      audience: 'https://feathers.example.net',
      issuer: 'feathers',
      algorithm: 'HS256',
      expiresIn: '1d',
    },
  },
};
