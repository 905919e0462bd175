module.exports = ({ env }) => ({
  auth: {
    secret: env('ADMIN_JWT_SECRET', 'tobemodified-later-on'),
  },
  apiToken: {
    salt: env('API_TOKEN_SALT', 'q1w2e3r4t5y6u7i8'),
  },
  transfer: {
    token: {
      salt: env('TRANSFER_TOKEN_SALT'),
    },
  },
  watchIgnoreFiles: ['**/uploads/**'],
});
