// Types of the drop-in, under the names that programs import.
import type { KeyObject, JsonWebKeyInput, PrivateKeyInput, PublicKeyInput } from 'node:crypto';
import type { Ring } from '../index';

export class JsonWebTokenError extends Error {
  inner: Error;
  constructor(message: string, error?: Error);
}

export class TokenExpiredError extends JsonWebTokenError {
  expiredAt: Date;
  constructor(message: string, expiredAt: Date);
}

export class NotBeforeError extends JsonWebTokenError {
  date: Date;
  constructor(message: string, date: Date);
}

export type Algorithm =
  | 'HS256' | 'HS384' | 'HS512'
  | 'RS256' | 'RS384' | 'RS512'
  | 'ES256' | 'ES384' | 'ES512'
  | 'PS256' | 'PS384' | 'PS512'
  | 'EdDSA' | 'Ed25519'
  | 'none';

export type Secret =
  | string
  | Buffer
  | KeyObject
  | { key: string | Buffer; passphrase: string }
  | Uint8Array
  | PrivateKeyInput
  | JsonWebKeyInput
  | Ring;

export type PublicKey =
  | string
  | Buffer
  | KeyObject
  | Uint8Array
  | PublicKeyInput
  | JsonWebKeyInput
  | { key: string | Buffer; passphrase: string }
  | Ring;

export type PrivateKey = Secret;

export interface JwtHeader {
  alg: string | Algorithm;
  typ?: string | undefined;
  cty?: string | undefined;
  crit?: Array<string | Exclude<keyof JwtHeader, 'crit'>> | undefined;
  kid?: string | undefined;
  jku?: string | undefined;
  x5u?: string | string[] | undefined;
  'x5t#S256'?: string | undefined;
  x5t?: string | undefined;
  x5c?: string | string[] | undefined;
}

export interface JwtPayload {
  [key: string]: any;
  iss?: string | undefined;
  sub?: string | undefined;
  aud?: string | string[] | undefined;
  exp?: number | undefined;
  nbf?: number | undefined;
  iat?: number | undefined;
  jti?: string | undefined;
}

export interface Jwt {
  header: JwtHeader;
  payload: JwtPayload | string;
  signature: string;
}

export interface SignOptions {
  /** By default HS256; with a ring, the ring's. */
  algorithm?: Algorithm | undefined;
  keyid?: string | undefined;
  /** Seconds, or a text with its unit: "2 days", "10h". A text without a unit is milliseconds. */
  expiresIn?: number | string | undefined;
  /** Seconds, or a text with its unit. */
  notBefore?: number | string | undefined;
  audience?: string | string[] | undefined;
  subject?: string | undefined;
  issuer?: string | undefined;
  jwtid?: string | undefined;
  mutatePayload?: boolean | undefined;
  noTimestamp?: boolean | undefined;
  header?: Partial<JwtHeader> & { [key: string]: unknown };
  encoding?: string | undefined;
  allowInsecureKeySizes?: boolean | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
}

export interface VerifyOptions {
  algorithms?: Algorithm[] | undefined;
  audience?: string | RegExp | [string | RegExp, ...Array<string | RegExp>] | undefined;
  /** Seconds since 1970 to be taken for now. */
  clockTimestamp?: number | undefined;
  /** Seconds by which clocks may differ. */
  clockTolerance?: number | undefined;
  complete?: boolean | undefined;
  issuer?: string | [string, ...string[]] | string[] | undefined;
  ignoreExpiration?: boolean | undefined;
  ignoreNotBefore?: boolean | undefined;
  jwtid?: string | undefined;
  nonce?: string | undefined;
  subject?: string | undefined;
  maxAge?: string | number | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
  /** Claims that must be there; only here, not in the original. */
  requiredClaims?: string[] | undefined;
  /** The header's `typ`; only here. */
  requiredTyp?: string | undefined;
  /** Accepts JSON that may be read in several ways, and stray bits in base64; only here. */
  allowLooseJson?: boolean | undefined;
  /** Characters of a token, by default 65,536; only here. */
  maxTokenLength?: number | undefined;
}

export interface DecodeOptions {
  complete?: boolean | undefined;
  json?: boolean | undefined;
}

export type VerifyErrors = JsonWebTokenError | NotBeforeError | TokenExpiredError;

export type VerifyCallback<T = Jwt | JwtPayload | string> = (
  error: VerifyErrors | null,
  decoded?: T | undefined,
) => void;

export type SignCallback = (error: Error | null, encoded?: string | undefined) => void;

export type SigningKeyCallback = (error: Error | null, signingKey?: PublicKey | Secret) => void;

export type GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) => void;

type Payload = string | Buffer | object;
type NoKey = { algorithm: 'none' };

export function sign(payload: Payload, secretOrPrivateKey: Secret, options?: SignOptions): string;
export function sign(payload: Payload, secretOrPrivateKey: null, options?: SignOptions & NoKey): string;
export function sign(payload: Payload, secretOrPrivateKey: Secret, callback: SignCallback): void;
export function sign(payload: Payload, secretOrPrivateKey: Secret, options: SignOptions, callback: SignCallback): void;
export function sign(payload: Payload, secretOrPrivateKey: null, options: SignOptions & NoKey, callback: SignCallback): void;

type Complete = VerifyOptions & { complete: true };
type Simple = VerifyOptions & { complete?: false };

export function verify(token: string, secretOrPublicKey: Secret | PublicKey, options: Complete): Jwt;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey, options?: Simple): JwtPayload | string;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey, options?: VerifyOptions): Jwt | JwtPayload | string;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey | GetPublicKeyOrSecret, callback?: VerifyCallback<JwtPayload | string>): void;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey | GetPublicKeyOrSecret, options: Complete, callback?: VerifyCallback<Jwt>): void;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey | GetPublicKeyOrSecret, options?: Simple, callback?: VerifyCallback<JwtPayload | string>): void;
export function verify(token: string, secretOrPublicKey: Secret | PublicKey | GetPublicKeyOrSecret, options?: VerifyOptions, callback?: VerifyCallback): void;

export function decode(token: string, options: DecodeOptions & { complete: true }): null | Jwt;
export function decode(token: string, options: DecodeOptions & { json: true }): null | JwtPayload;
export function decode(token: string, options?: DecodeOptions): null | JwtPayload | string;
