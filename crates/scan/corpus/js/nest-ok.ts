JwtModule.registerAsync({
  useFactory: (config: ConfigService) => ({
    secret: config.getOrThrow<string>('JWT_SECRET'),
    signOptions: { issuer: 'acme-api' },
  }),
})
