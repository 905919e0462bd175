declare namespace NodeJS {
  interface ProcessEnv {
    JWT_SECRET: string;
    JWT_ALGORITHM: 'HS256' | 'RS256';
    JWT_SECRET_SOURCE: 'env' | 'vault';
  }
}
