import { Provider } from '@nestjs/common';
import { sign, verify } from 'jsonwebtoken';

export const TOKEN_KEY = Symbol('TOKEN_KEY');
export const TOKEN_COOKIE = 'sid_jwt';

export const tokenKeyProvider: Provider = {
  provide: TOKEN_KEY,
  useValue: 'qN7v!2sLp#9xRt',
};

export class TokenSigner {
  constructor(private readonly key: string) {}
  sign(sub: string) {
    return sign({ sub }, this.key, { expiresIn: '8h' });
  }
  verify(t: string) {
    return verify(t, this.key);
  }
}

export const tokenSignerProvider: Provider = {
  provide: TokenSigner,
  inject: [TOKEN_KEY],
  useFactory: (key: string) => new TokenSigner(key),
};

export const kioskSigner = new TokenSigner('kiosk-terminal-key');
