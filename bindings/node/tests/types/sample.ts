// A program in TypeScript that uses every part of both packages; it must compile with `--strict`.
import jwt, { JwtPayload, SignOptions, TokenExpiredError, VerifyOptions } from 'keytide/jsonwebtoken';
import { sign, verify, decode, JsonWebTokenError, NotBeforeError } from 'keytide/jsonwebtoken';
import { createSigner, createVerifier, JwksClient, KeytideError, Ring, SigningKey, VerifyingKey } from 'keytide';

const lifetime: string = process.env['LIFETIME'] ?? '1h';
const options: SignOptions = { expiresIn: lifetime, keyid: 'k', algorithm: 'HS256' };
const token: string = jwt.sign({ sub: 'a' }, 'secret', options);
const claims: string | JwtPayload = jwt.verify(token, Buffer.from('secret'), { algorithms: ['HS256'] });
if (typeof claims !== 'string') console.log(claims.sub?.toUpperCase());
const { header, payload, signature } = verify(token, 'secret', { complete: true });
console.log(header.alg, payload, signature.length);
verify(token, (head, found) => found(null, head.kid), (error, decoded) => console.log(error?.message, decoded));
sign({ a: 1 }, { key: 'pem', passphrase: 'p' }, { algorithm: 'RS256' }, (error, encoded) => console.log(error, encoded));
const unsafe: JwtPayload | null = decode(token, { json: true });
const strict: VerifyOptions = { requiredClaims: ['exp'], requiredTyp: 'at+jwt', maxTokenLength: 4096 };
try {
  verify(token, 'secret', strict);
} catch (error) {
  if (error instanceof TokenExpiredError) console.log(error.expiredAt.getTime());
  else if (error instanceof NotBeforeError) console.log(error.date.getTime());
  else if (error instanceof JsonWebTokenError) console.log(error.inner?.message, unsafe);
}

const key: SigningKey = SigningKey.generate('ES256');
const signer = createSigner({ key, issuer: 'i', audience: ['a'], expiresIn: '15m' });
const verifier = createVerifier<{ sub: string }>({ key: key.verifyingKey(), issuer: 'i', audience: 'a', typ: 'JWT' });
const sub: string = verifier(signer({ sub: 's' })).sub;
createVerifier({ keys: [VerifyingKey.fromSecret('HS256', sub)], noAudience: true, danger: { anyIssuer: true, anyTyp: true } });
// @ts-expect-error the issuer is neither chosen nor waived
createVerifier({ key: key.verifyingKey(), audience: 'a', typ: 'JWT' });

const ring: Ring = Ring.fromEnv();
const byRing: string = jwt.sign({ a: 1 }, ring);
jwt.verify(byRing, ring, (error) => console.log(error));
const client = new JwksClient('https://id.example/jwks.json', { timeout: '5s' });
jwt.verify(byRing, client.getKey, (error) => console.log(error));
Ring.connect('https://keys.example/rings/a', 'token', { consumer: 'c' })
  .ready()
  .then((ready) => ready.status().epoch)
  .catch((error: unknown) => error instanceof KeytideError && console.log(error.code, error.hint));
