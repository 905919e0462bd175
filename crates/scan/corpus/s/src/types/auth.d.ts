export interface JwtConfig {
  jwtSecret: string;
  jwtRefreshSecret?: string;
  algorithm: 'HS256' | 'RS256';
  issuer: string;
}

declare global {
  namespace NodeJS {
    interface ProcessEnv {
      JWT_SECRET: string;
      JWT_EXPIRES_IN?: '15m' | '1h';
    }
  }
}

export type SecretSource = 'env:JWT_SECRET' | 'vault:secret/data/jwt' | 'file:/run/secrets/jwt_secret';
