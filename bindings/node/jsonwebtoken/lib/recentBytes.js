// A few values found again by bytes; the copies of the bytes are wiped when they are let go.
'use strict';

module.exports = class RecentBytes {
  #capacity;
  /** The last one asked for stands first. */
  #entries = [];

  constructor(capacity) {
    this.#capacity = capacity;
  }

  get(bytes) {
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at];
      if (entry.bytes.length !== bytes.length || !entry.bytes.equals(bytes)) continue;
      if (at > 0) {
        entries.splice(at, 1);
        entries.unshift(entry);
      }
      return entry.value;
    }
    return undefined;
  }

  /** Keeps what `make` makes of a copy of the bytes. */
  set(bytes, make) {
    const copy = Buffer.from(bytes);
    const value = make(copy);
    this.#entries.unshift({ bytes: copy, value });
    if (this.#entries.length > this.#capacity) this.#entries.pop().bytes.fill(0);
    return value;
  }
};
