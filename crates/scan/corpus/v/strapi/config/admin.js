module.exports = ({ env }) => ({
  auth: {
    secret: env('ADMIN_JWT_SECRET', 'd0aaeff566ca126f62a546e4fa877778'),
  },
  apiToken: {
    salt: env('API_TOKEN_SALT'),
  },
});
