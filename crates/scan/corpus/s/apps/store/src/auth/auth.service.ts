import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { jwtConstants } from './constants';

@Injectable()
export class AuthService {
  constructor(private jwt: JwtService) {}

  async tokens(userId: number) {
    const [access, refresh] = await Promise.all([
      this.jwt.signAsync(
        { sub: userId },
        { secret: jwtConstants.accessSecret, expiresIn: jwtConstants.accessExpiresIn },
      ),
      this.jwt.signAsync(
        { sub: userId, kind: 'refresh' },
        { secret: jwtConstants.refreshSecret, expiresIn: jwtConstants.refreshExpiresIn },
      ),
    ]);
    return { access, refresh };
  }
}
