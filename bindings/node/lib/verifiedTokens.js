// Tokens that were verified before: known by all of their text, with the time checked at every hit.
'use strict';

const DEFAULT_BYTES = 8 << 20;

/** What an entry takes beside its token's text, about: the claims are a few times their JSON. */
const bytesOf = (token) => 512 + token.length * 4;

module.exports = class VerifiedTokens {
  #halfOfBytes;
  #maxAge;
  #identity = 0;
  #young = new Map();
  #youngBytes = 0;
  #old = new Map();

  /** `cache` is `true` or `{ maxBytes }`. */
  constructor({ maxBytes = DEFAULT_BYTES }, { maxAge }) {
    this.#halfOfBytes = maxBytes / 2;
    this.#maxAge = maxAge ?? Infinity;
  }

  /**
   * The claims, or `undefined`, which says nothing: whether a token at the edge of its time still
   * holds is for the engine to say, with the leeway that it was given.
   */
  get(token, now, identity) {
    if (identity !== this.#identity) this.#forget(identity);
    const known = this.#young.get(token) ?? this.#fromOld(token);
    if (known === undefined || now >= known.until || now < known.from) return undefined;
    return known.claims;
  }

  /** Keeps claims that the engine accepted under the keys of this identity, and freezes them. */
  set(token, claims, identity) {
    freeze(claims);
    if (identity === this.#identity) this.#keep(token, { claims, ...this.#window(claims) });
    return claims;
  }

  #window({ exp = Infinity, nbf = -Infinity, iat }) {
    const from = Math.max(nbf, iat ?? -Infinity) * 1000;
    const until = Math.min(exp * 1000, (iat ?? Infinity) * 1000 + this.#maxAge);
    return { from, until };
  }

  #keep(token, known) {
    const bytes = bytesOf(token);
    if (bytes > this.#halfOfBytes) return;
    if (this.#youngBytes + bytes > this.#halfOfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    if (!this.#young.has(token)) this.#youngBytes += bytes;
    this.#young.set(token, known);
  }

  #fromOld(token) {
    const known = this.#old.get(token);
    if (known === undefined) return undefined;
    this.#old.delete(token);
    this.#keep(token, known);
    return known;
  }

  #forget(identity) {
    this.#identity = identity;
    this.#young = new Map();
    this.#youngBytes = 0;
    this.#old = new Map();
  }
};

function freeze(value) {
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) freeze(value[name]);
  Object.freeze(value);
}
