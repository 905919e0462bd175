import { Injectable, UnauthorizedException } from '@nestjs/common';
import * as jwt from 'jsonwebtoken';
import { User } from '../users/user.entity';

export interface TokenPayload {
  sub: string;
  email: string;
  roles: string[];
}

@Injectable()
export class JwtService {
  private readonly secret: string = process.env.JWT_SECRET ?? 'orchard-gate-local';
  private readonly issuer = process.env.JWT_ISSUER ?? 'orchard-gate';
  private readonly ttl = process.env.JWT_TTL ?? '20m';

  issue(user: User): string {
    const payload: TokenPayload = {
      sub: user.id,
      email: user.email,
      roles: user.roles,
    };
    return jwt.sign(payload, this.secret, {
      issuer: this.issuer,
      expiresIn: this.ttl,
    });
  }

  check(token: string): TokenPayload {
    try {
      return jwt.verify(token, this.secret, { issuer: this.issuer }) as TokenPayload;
    } catch (e) {
      throw new UnauthorizedException('JWT_SECRET mismatch or token expired');
    }
  }
}
