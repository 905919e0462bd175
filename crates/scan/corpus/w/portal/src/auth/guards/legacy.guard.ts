import * as jwt from 'jsonwebtoken';

export class LegacyGuard {
  private jwtSecret: jwt.Secret;
  constructor() {
    this.jwtSecret = 'legacy-guard-this';
  }
  check = (t: string) => jwt.verify(t, this.jwtSecret);
  sign = (id: string) => jwt.sign({ id }, process.env.LEGACY_KEY || process.env.OLD_KEY || 'legacy-chained-or', {
    expiresIn: '1h',
  });
}
