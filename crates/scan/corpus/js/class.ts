import * as jwt from 'jsonwebtoken';
export class TokenService {
  private readonly secret = 'teal-badger';
  make(p: object) { return jwt.sign(p, this.secret, { issuer: 'svc' }); }
}
