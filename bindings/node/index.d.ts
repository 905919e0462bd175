// Types of Keytide's native API.
import type { GetPublicKeyOrSecret } from './jsonwebtoken';

/** Every error of the native API: `code` is stable, `hint` says what to do next. */
export class KeytideError extends Error {
  readonly code: string;
  readonly hint: string;
}

export type Algorithm =
  | 'HS256' | 'HS384' | 'HS512'
  | 'RS256' | 'RS384' | 'RS512'
  | 'PS256' | 'PS384' | 'PS512'
  | 'ES256' | 'ES384' | 'ES512' | 'ES256K'
  | 'EdDSA' | 'Ed25519'
  | 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87';

/** Seconds, or a text with its unit, such as "15m". */
export type Span = number | string;

export type Jwk = Record<string, unknown>;

/** A private key or secret that signs. */
export class SigningKey {
  private constructor();
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  static generate(algorithm: Algorithm, options?: { rsaBits?: number }): SigningKey;
  static fromSecret(algorithm: Algorithm, secret: string | Uint8Array, options?: { kid?: string }): SigningKey;
  static fromPem(algorithm: Algorithm, pem: string | Uint8Array, options?: { kid?: string }): SigningKey;
  static fromJwk(jwk: string | Jwk, options?: { algorithm?: Algorithm; kid?: string }): SigningKey;
  verifyingKey(): VerifyingKey;
  toPem(): string | null;
}

/** A public key or secret that verifies. */
export class VerifyingKey {
  private constructor();
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  static fromSecret(algorithm: Algorithm, secret: string | Uint8Array, options?: { kid?: string }): VerifyingKey;
  static fromPem(algorithm: Algorithm, pem: string | Uint8Array, options?: { kid?: string }): VerifyingKey;
  static fromJwk(jwk: string | Jwk, options?: { algorithm?: Algorithm; kid?: string }): VerifyingKey;
  publicJwk(): Jwk | null;
}

export interface EnvOptions {
  env?: Record<string, string | undefined>;
  keys?: string;
  secret?: string;
  secretNext?: string;
  secretPrevious?: string;
  algorithm?: Algorithm;
}

export interface FetchOptions {
  /** For a whole request; 10 s. */
  timeout?: Span;
  /** For the connection alone; 5 s. */
  connectTimeout?: Span;
  /** The longest answer that is read; 512 KiB. */
  maxBytes?: number;
  /** Plain HTTP from another machine, where whoever is on the way could forge tokens. */
  allowPlainHttp?: boolean;
  /** For how long a set is used that cannot be fetched again; 1 h, of a server's ring 24 h. */
  staleFor?: Span;
  /** Between two fetches that only an unknown `kid` caused; 30 s. */
  cooldown?: Span;
  /** For how long an unknown `kid` is not asked for again; 60 s. */
  unknownKidTtl?: Span;
  /** Whether a thread keeps the set fresh; yes. */
  background?: boolean;
}

export interface JwksOptions extends FetchOptions {
  algorithms?: Algorithm[];
  defaultTtl?: Span;
  minTtl?: Span;
  maxTtl?: Span;
}

export interface ConnectOptions extends FetchOptions {
  /** The consumer that the ring's policy knows this service as. */
  consumer?: string;
  host?: string;
  instance?: string;
  /** For how long the server holds a request while nothing changes; 30 s. */
  wait?: Span;
}

export interface Refusal {
  code: string;
  message: string;
  hint: string;
}

export interface RingStatus {
  source: string;
  epoch?: number;
  keys: number;
  /** Milliseconds since the keys were last known to be these. */
  age?: number;
  stale: boolean;
  lastError?: Refusal;
  lastErrorAge?: number;
  skipped: Array<{ index: number; kid?: string; why: Refusal }>;
  fetches: number;
}

/** Keys that belong together and change together; taken wherever a key is. */
export class Ring {
  private constructor();
  static fromEnv(options?: EnvOptions): Ring;
  static fromJwks(url: string | URL, options?: JwksOptions): Ring;
  static connect(url: string | URL, token: string, options?: ConnectOptions): Ring;
  static fromKeys(keys: { signing?: SigningKey; verifying?: VerifyingKey[] }): Ring;
  ready(): Promise<this>;
  refresh(): Promise<this>;
  jwks(): { keys: Jwk[] };
  status(): RingStatus;
  close(): void;
}

/** A remote JWK Set for programs that look keys up themselves. */
export class JwksClient {
  constructor(url: string | URL, options?: JwksOptions);
  readonly ring: Ring;
  key(kid: string | undefined, algorithm: Algorithm): Promise<VerifyingKey>;
  keys(): Promise<{ keys: Jwk[] }>;
  /** For `jwt.verify(token, client.getKey, callback)`. */
  readonly getKey: GetPublicKeyOrSecret;
  status(): RingStatus;
  close(): void;
}

export interface Claims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [name: string]: unknown;
}

export interface SignerOptions {
  key?: SigningKey | Ring;
  ring?: Ring;
  typ?: string;
  issuer?: string;
  audience?: string | string[];
  subject?: string;
  expiresIn?: Span;
  notBefore?: Span;
  /** Writes a random `jti`. */
  jti?: boolean;
}

export interface Signer {
  (claims: object): string;
  async(claims: object): Promise<string>;
}

export function createSigner(options: SignerOptions): Signer;

type Chosen<Name extends string, Value, Waiver extends string> =
  | ({ [N in Name]: Value } & { danger?: { [W in Waiver]?: false } })
  | ({ [N in Name]?: undefined } & { danger: { [W in Waiver]: true } });

export type VerifierOptions = {
  key?: VerifyingKey | Ring;
  keys?: VerifyingKey[];
  ring?: Ring;
  subject?: string;
  leeway?: Span;
  required?: string[];
  maxAge?: Span;
  maxTokenLife?: Span;
  /** Answers tokens that were seen before from memory; the claims are frozen then. */
  cache?: boolean | { maxBytes: number };
  danger?: { noExpiry?: boolean; futureIat?: boolean; anyLeeway?: boolean };
} & Chosen<'issuer', string | string[], 'anyIssuer'> &
  (Chosen<'audience', string | string[], 'anyAudience'> | { noAudience: true }) &
  Chosen<'typ', string, 'anyTyp'>;

export interface Verifier<T = Claims> {
  (token: string): T;
  async(token: string): Promise<T>;
}

export function createVerifier<T = Claims>(options: VerifierOptions): Verifier<T>;

declare const keytide: {
  createSigner: typeof createSigner;
  createVerifier: typeof createVerifier;
  SigningKey: typeof SigningKey;
  VerifyingKey: typeof VerifyingKey;
  Ring: typeof Ring;
  JwksClient: typeof JwksClient;
  KeytideError: typeof KeytideError;
};
export default keytide;
