export class AuthConfig {
  static readonly JWT_SECRET: string = 'long-tailed-skua';
  static readonly JWT_COOKIE: string = 'access_token';
}
