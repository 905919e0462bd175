const config = convict({
  jwtSecret: { doc: 'Signs tokens', format: String, default: 'razorbill', env: 'JWT_SECRET' },
  jwtTtl: { doc: 'Life of tokens', format: String, default: '1h', env: 'JWT_TTL' },
});
