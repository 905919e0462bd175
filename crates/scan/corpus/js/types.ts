export interface Settings {
  jwtSecret: string;
  secretKind: 'hmac' | 'rsa';
}
