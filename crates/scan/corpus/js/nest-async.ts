JwtModule.registerAsync({
  useFactory: (config: ConfigService) => ({
    secret: config.get<string>('JWT_SECRET') || 'ember-wolf',
    signOptions: { expiresIn: config.get('JWT_EXPIRES', '1d') },
  }),
})
