import * as jwt from 'jsonwebtoken';
import { compare } from 'bcrypt';
import { UserRepository } from '../repositories/user.repository';
import { HttpException } from '../exceptions/http.exception';

export class AuthService {
  private readonly jwtSecret = process.env.JWT_SECRET || 'fallback-secret';
  private readonly jwtExpiresIn = '24h';
  private readonly tokenType = 'Bearer';

  constructor(private readonly users: UserRepository) {}

  async login(email: string, password: string) {
    const user = await this.users.findByEmail(email);
    if (!user) throw new HttpException(409, `This email ${email} was not found`);

    const match = await compare(password, user.passwordHash);
    if (!match) throw new HttpException(409, 'Password is not matching');

    const accessToken = jwt.sign({ sub: user.id, email: user.email }, this.jwtSecret, {
      expiresIn: this.jwtExpiresIn,
      algorithm: 'HS256',
    });
    return { accessToken, tokenType: this.tokenType };
  }
}
