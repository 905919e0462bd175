// Public keys of a remote JWK Set, for programs that look keys up themselves.
'use strict';

const { createPublicKey } = require('node:crypto');
const { answered, isRefusal } = require('./errors');
const { VerifyingKey } = require('./keys');
const { Ring, ringOf } = require('./ring');

// Taken before anybody replaces it: a fake clock must not hold a callback back.
const { nextTick } = process;

/** A key set at a URL: fetched when it is needed, kept fresh, bounded in time, size and frequency. */
class JwksClient {
  #ring;

  constructor(url, options) {
    this.#ring = Ring.fromJwks(url, options);
    // It is handed over as a function.
    this.getKey = this.getKey.bind(this);
  }

  /** The ring under it, which verifies faster: `jwt.verify(token, client.ring)`. */
  get ring() {
    return this.#ring;
  }

  /** The key for a token's `kid` and algorithm. */
  async key(kid, algorithm) {
    const ring = ringOf(this.#ring);
    const found = ring.find(kid, algorithm);
    if (isRefusal(found) && found.code === 'fetch_needed') {
      answered(await ring.fetchFor(kid, algorithm));
      return new VerifyingKey(answered(ring.find(kid, algorithm)));
    }
    return new VerifyingKey(answered(found));
  }

  /** All keys, as a JWK Set. */
  async keys() {
    await this.#ring.ready();
    return this.#ring.jwks();
  }

  /** What `jwt.verify` takes as a function: `jwt.verify(token, client.getKey, callback)`. */
  getKey(header, callback) {
    const asKeyObject = (key) => {
      const { kty, crv, x, y, n, e } = key.publicJwk();
      return createPublicKey({ key: { kty, crv, x, y, n, e }, format: 'jwk' });
    };
    this.key(header.kid, header.alg)
      .then(asKeyObject)
      .then(
        // Outside of the promise, so that what the callback throws is nobody's rejection.
        (key) => nextTick(callback, null, key),
        (error) => nextTick(callback, error),
      );
  }

  status() {
    return this.#ring.status();
  }

  close() {
    this.#ring.close();
  }
}

module.exports = { JwksClient };
