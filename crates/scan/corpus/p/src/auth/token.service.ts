import * as jwt from 'jsonwebtoken';
import { Injectable } from '@nestjs/common';
@Injectable()
export class TokenService {
  private readonly accessSecret = 'acc3ss-s3cr3t-2021';
  private readonly refreshSecret = process.env.REFRESH_SECRET ?? 'refresh-me-please';
  private readonly issuer = 'acme-auth';
  sign(user: User) {
    return jwt.sign({ sub: user.id }, this.accessSecret, { expiresIn: '15m', issuer: this.issuer });
  }
  refresh(user: User) { return jwt.sign({ sub: user.id }, this.refreshSecret, { expiresIn: '30d' }); }
}
