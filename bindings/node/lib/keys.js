// Keys of the native API: parsed once, bound to one algorithm.
'use strict';

const native = require('../native');
const { answered, badOption } = require('./errors');

const handles = new WeakMap();

/** A private key or secret that signs. It shows its algorithm and `kid`, and nothing of the key. */
class SigningKey {
  constructor(handle) {
    handles.set(this, adopt(handle, native.SigningHandle));
    this.algorithm = handle.algorithm;
    this.kid = handle.kid ?? undefined;
    Object.freeze(this);
  }

  /** Makes a key; `rsaBits` is 2048 unless it is said. */
  static generate(algorithm, { rsaBits } = {}) {
    return new SigningKey(answered(native.generateKey(algorithm, rsaBits)));
  }

  /** Takes the bytes of an HMAC secret, or its text as UTF-8; at least as long as the hash. */
  static fromSecret(algorithm, secret, { kid } = {}) {
    return read(SigningKey, algorithm, 'secret', secret, kid);
  }

  /** Reads a private key in PEM that is not encrypted. */
  static fromPem(algorithm, pem, { kid } = {}) {
    return read(SigningKey, algorithm, 'pem', pem, kid);
  }

  /** Takes a private JWK, as text or object; the algorithm may be its own. */
  static fromJwk(jwk, { algorithm, kid } = {}) {
    return read(SigningKey, algorithm, 'jwk', jwkText(jwk), kid);
  }

  verifyingKey() {
    return new VerifyingKey(handleOf(this).verifyingKey());
  }

  /** PKCS#8 in PEM; `null` for a secret. */
  toPem() {
    return handleOf(this).toPem();
  }
}

/** A public key or secret that verifies. */
class VerifyingKey {
  constructor(handle) {
    handles.set(this, adopt(handle, native.VerifyingHandle));
    this.algorithm = handle.algorithm;
    this.kid = handle.kid ?? undefined;
    Object.freeze(this);
  }

  static fromSecret(algorithm, secret, { kid } = {}) {
    return read(VerifyingKey, algorithm, 'secret', secret, kid);
  }

  static fromPem(algorithm, pem, { kid } = {}) {
    return read(VerifyingKey, algorithm, 'pem', pem, kid);
  }

  static fromJwk(jwk, { algorithm, kid } = {}) {
    return read(VerifyingKey, algorithm, 'jwk', jwkText(jwk), kid);
  }

  /** The public JWK; `null` for a secret. */
  publicJwk() {
    const json = handleOf(this).publicJwk();
    return json === null ? null : JSON.parse(json);
  }
}

function adopt(handle, type) {
  if (handle instanceof type) return handle;
  throw badOption('the key', 'is made by one of the static methods');
}

function read(type, algorithm, format, material, kid) {
  const isText = typeof material === 'string';
  if (!isText && !ArrayBuffer.isView(material)) throw badOption('the key', 'must be a string or bytes');
  const bytes = isText
    ? Buffer.from(material)
    : Buffer.from(material.buffer, material.byteOffset, material.byteLength);
  try {
    const reader = type === SigningKey ? native.readSigningKey : native.readVerifyingKey;
    return new type(answered(reader(algorithm, format, bytes, kid)));
  } finally {
    // The text is the caller's; this copy of it is ours.
    if (isText) bytes.fill(0);
  }
}

function jwkText(jwk) {
  return typeof jwk === 'string' ? jwk : JSON.stringify(jwk);
}

/** The addon's key under one of ours. */
function handleOf(key) {
  return handles.get(key);
}

module.exports = { SigningKey, VerifyingKey, handleOf };
