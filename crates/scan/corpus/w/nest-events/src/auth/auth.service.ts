import { Injectable, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';

@Injectable()
export class AuthService {
  private static readonly RESET_SECRET = 'events-reset';
  constructor(private readonly jwtService: JwtService) {}

  async getTokens(userId: number, email: string) {
    const [at, rt] = await Promise.all([
      this.jwtService.signAsync({ sub: userId, email }, { secret: 'at-secret', expiresIn: 60 * 15 }),
      this.jwtService.signAsync(
        { sub: userId, email },
        {
          secret: process.env.RT_SECRET || 'rt-secret',
          expiresIn: '7d',
        },
      ),
    ]);
    return { access_token: at, refresh_token: rt };
  }

  reset(token: string) {
    try {
      return this.jwtService.verify(token, { secret: AuthService.RESET_SECRET });
    } catch {
      throw new UnauthorizedException('Invalid reset secret');
    }
  }
}
