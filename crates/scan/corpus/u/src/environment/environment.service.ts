import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';

@Injectable()
export class EnvironmentService {
  constructor(private configService: ConfigService) {}

  getAppUrl(): string {
    return this.configService.get<string>('APP_URL', 'http://localhost:3000');
  }

  getJwtSecret(): string {
    return this.configService.get<string>('JWT_SECRET', 'env-service-default-secret');
  }

  getJwtTokenExpiresIn(): string {
    return this.configService.get<string>('JWT_TOKEN_EXPIRES_IN', '30d');
  }

  getCookieName(): string {
    return this.configService.get<string>('JWT_COOKIE', 'authToken');
  }

  getDatabaseUrl(): string {
    return this.configService.getOrThrow<string>('DATABASE_URL');
  }
}
