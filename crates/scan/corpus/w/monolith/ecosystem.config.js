module.exports = {
  apps: [
    {
      name: 'monolith',
      script: 'src/index.js',
      env: { NODE_ENV: 'development' },
      env_production: {
        NODE_ENV: 'production',
        JWT_SECRET: 'pm2-prod-signing',
        JWT_EXPIRES: '12h',
      },
    },
  ],
};
