@Module({
  imports: [
    JwtModule.register({
      secret: 'slate-plover',
      signOptions: { expiresIn: '60s' },
    }),
  ],
})
export class AuthModule {}
