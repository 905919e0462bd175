import jwt from 'jsonwebtoken';
import type { Socket } from 'socket.io';

export class AuthManager {
  private readonly secret: string;
  private static readonly TTL = '24h';

  constructor(secret = process.env.JWT_KEY ?? 'chat_app_jwt_key_2023') {
    this.secret = secret;
  }

  handshake(socket: Socket, next: (e?: Error) => void) {
    const token = socket.handshake.auth.token;
    jwt.verify(token, this.secret, (err: any, decoded: any) => {
      if (err) return next(new Error('jwt secret or token invalid'));
      socket.data.user = decoded;
      next();
    });
  }

  sign(id: string) {
    return jwt.sign({ id }, this.secret, { expiresIn: AuthManager.TTL });
  }
}
