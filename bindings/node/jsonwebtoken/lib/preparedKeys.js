// Keys prepared once and found again: by the text or bytes they were given as, or by the KeyObject.
'use strict';

const { KeyObject, createPrivateKey, createPublicKey } = require('node:crypto');
const { SigningHandle, VerifyingHandle } = require('../../native');
const RecentBytes = require('./recentBytes');
const RecentMap = require('./recentMap');

/** How many keys given as text, and as bytes, are kept for verifying and as many for signing. */
const KEPT_TEXTS = 128;
const KEPT_BYTES = 32;

/** After so many verifications a table for the key has paid for itself. */
const USES_BEFORE_TABLE = 256;

const ENGINE_TYPE = { HS: 'secret', RS: 'rsa', PS: 'rsa', ES: 'ec', Ed: 'ed25519' };
const CURVES = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

const byKeyObject = new WeakMap();

/** A key as the caller meant it, with what the engine made of it for each algorithm. */
class PreparedKey {
  #bytes;
  #verifying = { __proto__: null };
  #signing = { __proto__: null };
  #uses = 0;

  constructor(keyObject, bytes, jwk) {
    this.keyObject = keyObject;
    this.#bytes = bytes;
    this.jwk = jwk;
    this.type = keyObject === undefined ? 'secret' : keyObject.type;
    this.asymmetricKeyType = keyObject?.asymmetricKeyType;
    this.asymmetricKeyDetails = keyObject?.asymmetricKeyDetails;
    /** Algorithms for which every check of the key has passed, with the handle that does the work. */
    this.opened = { __proto__: null };
  }

  /** The engine's key that verifies `alg`; `null` where the engine takes no such key. */
  verifying(alg) {
    const known = this.#verifying[alg];
    if (known !== undefined) return known;
    return (this.#verifying[alg] = this.#makeVerifying(alg));
  }

  /** The engine's key that signs with `alg`; `null` where the engine takes no such key. */
  signing(alg) {
    const known = this.#signing[alg];
    if (known !== undefined) return known;
    return (this.#signing[alg] = this.#makeSigning(alg));
  }

  /** Counts a verification; a key that is used much gets a table. */
  countUse(alg) {
    this.#uses += 1;
    if (this.#uses !== USES_BEFORE_TABLE || alg !== 'ES256') return;
    this.#verifying[alg] = this.opened[alg] = this.opened[alg].withTable();
  }

  #makeVerifying(alg) {
    if (!this.#isForEngine(alg)) return null;
    if (this.type === 'secret') {
      return this.#withSecret((secret) => VerifyingHandle.secret(alg, secret));
    }
    const spki = this.keyObject.export({ type: 'spki', format: 'der' });
    const handle = VerifyingHandle.spki(alg, spki);
    if (handle !== null || this.asymmetricKeyType !== 'ec') return handle;
    // A curve that is written out as its parameters: Node knows its name, the engine need not.
    const { kty, crv, x, y } = this.keyObject.export({ format: 'jwk' });
    return VerifyingHandle.jwk(alg, JSON.stringify({ kty, crv, x, y }));
  }

  #makeSigning(alg) {
    if (!this.#isForEngine(alg)) return null;
    if (this.type === 'secret') {
      return this.#withSecret((secret) => SigningHandle.secret(alg, secret));
    }
    const pkcs8 = this.keyObject.export({ type: 'pkcs8', format: 'der' });
    try {
      return SigningHandle.pkcs8(alg, pkcs8);
    } finally {
      pkcs8.fill(0);
    }
  }

  #isForEngine(alg) {
    const type = this.type === 'secret' ? 'secret' : this.asymmetricKeyType;
    if (ENGINE_TYPE[alg.slice(0, 2)] !== type) return false;
    return type !== 'ec' || this.asymmetricKeyDetails.namedCurve === CURVES[alg];
  }

  /** Lends a copy of the secret's bytes, and wipes it. */
  #withSecret(make) {
    const secret = this.keyObject ? this.keyObject.export() : Buffer.from(this.#bytes);
    try {
      // HMAC fills a short key up with zeros: such a secret is the empty one.
      return secret.every((byte) => byte === 0) ? null : make(secret);
    } finally {
      secret.fill(0);
    }
  }
}

/** Keys as `verify` takes them: a private key in PEM stands for its public half. */
const forVerifying = keeper(createPublicKey);
/** Keys as `sign` takes them. */
const forSigning = keeper(createPrivateKey);

/** Prepares keys that are asymmetric where `load` can read them, and secrets where it can't. */
function keeper(load) {
  const byText = new RecentMap(KEPT_TEXTS);
  const byBytes = new RecentBytes(KEPT_BYTES);

  /** The prepared key, or `undefined` where the value is no key material at all. */
  return function prepared(key) {
    if (typeof key === 'string') {
      return byText.get(key) ?? byText.set(key, fromMaterial(key, key.includes('-----BEGIN')));
    }
    if (key instanceof KeyObject) return fromKeyObject(key);
    const bytes = bytesOf(key);
    if (bytes === undefined) return fromObject(key);
    return byBytes.get(bytes) ?? byBytes.set(bytes, (copy) => fromMaterial(copy, isPem(bytes)));
  };

  function fromMaterial(material, mayBePem) {
    const keyObject = mayBePem ? attempt(() => load(material)) : undefined;
    return new PreparedKey(keyObject, keyObject === undefined ? material : undefined);
  }

  function fromObject(key) {
    const keyObject = attempt(() => load(key));
    if (keyObject === undefined) return undefined;
    return new PreparedKey(keyObject, undefined, key.format === 'jwk' ? key.key : undefined);
  }
}

function fromKeyObject(key) {
  let prepared = byKeyObject.get(key);
  if (prepared === undefined) byKeyObject.set(key, (prepared = new PreparedKey(key)));
  return prepared;
}

/** The bytes that `value` is or views, or `undefined` where it is something else. */
function bytesOf(value) {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? Buffer.from(value) : undefined;
}

function isPem(bytes) {
  return bytes.includes('-----BEGIN');
}

function attempt(make) {
  try {
    return make();
  } catch {
    return undefined;
  }
}

module.exports = { forVerifying, forSigning };
