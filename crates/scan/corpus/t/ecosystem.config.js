module.exports = {
  apps: [
    {
      name: 'pebble-api',
      script: './dist/server.js',
      instances: 'max',
      env: {
        NODE_ENV: 'development',
        JWT_SECRET: 'pm2-dev-jwt',
        JWT_EXPIRES_IN: '1d',
      },
      env_production: {
        NODE_ENV: 'production',
        JWT_SECRET: process.env.JWT_SECRET,
        jwtRefreshSecret: process.env.JWT_REFRESH || 'pm2-prod-refresh',
        COOKIE_SECRET: 'pm2-cookie',
      },
    },
  ],
};
