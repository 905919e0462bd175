module.exports = {
  secret: 'kittiwake-ledge',
  jwtExpiration: 3600,
  jwtRefreshExpiration: 86400,
};
