// A map that keeps so many entries; those that were not asked for the longest time go first.
'use strict';

module.exports = class RecentMap {
  #capacity;
  #young = new Map();
  #old = new Map();

  /** Entries are kept in two generations of half the capacity each, so that a hit costs one look-up. */
  constructor(capacity) {
    this.#capacity = capacity / 2;
  }

  get(key) {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const before = this.#old.get(key);
    if (before !== undefined) this.set(key, before);
    return before;
  }

  set(key, value) {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
};
