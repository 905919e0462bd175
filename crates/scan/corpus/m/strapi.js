module.exports = ({ env }) => ({
  auth: { secret: env('ADMIN_JWT_SECRET', 'shag-on-rock') },
  apiToken: { salt: env('API_TOKEN_SALT', 'nothing') },
});
