module.exports = {
  apps: [
    {
      name: 'api',
      script: 'dist/main.js',
      instances: 2,
      env: {
        NODE_ENV: 'development',
        JWT_SECRET: 'pm2devsecret',
      },
      env_production: {
        NODE_ENV: 'production',
        JWT_SECRET: process.env.JWT_SECRET,
        JWT_EXPIRES_IN: '30d',
      },
    },
  ],
};
