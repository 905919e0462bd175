@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private config: ConfigService) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: config.get<string>('JWT_SECRET') || 'nest-fallback',
    });
  }
}
@Module({
  imports: [JwtModule.registerAsync({
    useFactory: async (c: ConfigService) => ({
      secret: c.get('jwt.secret', 'default-from-factory'),
      signOptions: { expiresIn: c.get('jwt.expires', '1h') },
    }),
  })],
})
