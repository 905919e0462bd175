import { Injectable, UnauthorizedException } from '@nestjs/common';
import * as jwt from 'jsonwebtoken';
import { User } from '../users/user.entity';

@Injectable()
export class TokenService {
  private readonly accessKey = 'kX9vBq27LmZr4TsW0yPd';
  private readonly issuer = 'orders.acme.internal';

  issue(user: User): string {
    return jwt.sign(
      { sub: user.id, roles: user.roles },
      this.accessKey,
      { expiresIn: '15m', issuer: this.issuer, algorithm: 'HS256' },
    );
  }

  check(token: string) {
    try {
      return jwt.verify(token, this.accessKey);
    } catch {
      throw new UnauthorizedException('JWT secret mismatch or token expired');
    }
  }
}
