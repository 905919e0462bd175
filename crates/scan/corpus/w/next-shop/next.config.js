module.exports = {
  reactStrictMode: true,
  serverRuntimeConfig: {
    secret: 'THIS IS USED TO SIGN AND VERIFY JWT TOKENS, REPLACE IT WITH YOUR OWN SECRET',
  },
  publicRuntimeConfig: { apiUrl: 'http://localhost:3000/api' },
};
