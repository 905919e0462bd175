module.exports = {
  name: 'inventory',
  jwt: {
    secret: '&@$!changeme!$@&',
  },
  mail: {
    apiSecret: 'mg-4f81c2aa90d7be',
  },
};
