import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { JwtModule } from '@nestjs/jwt';

@Module({
  imports: [
    JwtModule.registerAsync({
      imports: [ConfigModule],
      inject: [ConfigService],
      useFactory: async (cfg: ConfigService) => ({
        global: true,
        secret: cfg.get('AUTH_TOKEN_KEY', 'f3b1c6de-9a77-4f0e-8d5b-2f1f0a4ce911'),
        signOptions: { issuer: cfg.get('AUTH_ISSUER', 'https://id.acme.test') },
      }),
    }),
  ],
})
export class SessionModule {}
