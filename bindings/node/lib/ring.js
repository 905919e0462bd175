// A ring: keys that belong together and change together, kept fresh by a thread of the addon's own.
'use strict';

const os = require('node:os');
const native = require('../native');
const { answered, badOption, KeytideError } = require('./errors');
const { SigningKey, VerifyingKey, handleOf } = require('./keys');
const milliseconds = require('./spans');

const handles = new WeakMap();

const SPANS = [
  ...['timeout', 'connectTimeout', 'defaultTtl', 'minTtl', 'maxTtl', 'staleFor'],
  ...['cooldown', 'unknownKidTtl', 'wait'],
];

/**
 * What `jwt.sign`, `jwt.verify`, `createSigner` and `createVerifier` take in place of a key. Calls that
 * answer at once never wait for the network: they use the keys in memory, and throw `fetch_needed`
 * where there are none yet. Await `ready()` once at the start.
 */
class Ring {
  constructor(handle) {
    if (!(handle instanceof native.RingHandle)) {
      throw badOption('the ring', 'is made by Ring.fromEnv, Ring.fromJwks, Ring.connect or Ring.fromKeys');
    }
    handles.set(this, handle);
  }

  /**
   * Keys from the environment, as `keytide run` sets them: `JWT_KEYS`, a JWK Set, or `JWT_SECRET` with
   * `JWT_SECRET_NEXT` and `JWT_SECRET_PREVIOUS`. Other names may be given.
   */
  static fromEnv({ env = process.env, ...names } = {}) {
    const { keys = 'JWT_KEYS', secret = 'JWT_SECRET', algorithm } = names;
    const { secretNext = `${secret}_NEXT`, secretPrevious = `${secret}_PREVIOUS` } = names;
    const wanted = [keys, secret, secretNext, secretPrevious].filter((name) => env[name] !== undefined);
    const values = Object.fromEntries(wanted.map((name) => [name, env[name]]));
    const options = { keys, secret, secretNext, secretPrevious, algorithm };
    return new Ring(answered(native.ringFromEnv(values, options)));
  }

  /** The public key set at a URL; it verifies and does not sign. */
  static fromJwks(url, options = {}) {
    return new Ring(answered(native.ringFromJwks(String(url), inMilliseconds(options))));
  }

  /** A ring on a Keytide server, `https://keys.example:7430/rings/NAME`, with an access token for it. */
  static connect(url, token, options = {}) {
    if (typeof token !== 'string' || token === '') throw badOption('token', 'must be a string');
    const bytes = Buffer.from(token);
    try {
      const given = { host: os.hostname(), ...inMilliseconds(options) };
      return new Ring(answered(native.ringConnect(String(url), bytes, given)));
    } finally {
      bytes.fill(0);
    }
  }

  /** Keys that are there and stay: `signing` signs and verifies, `verifying` only verify. */
  static fromKeys({ signing, verifying = [] }) {
    if (signing !== undefined && !(signing instanceof SigningKey)) {
      throw badOption('signing', 'must be a SigningKey');
    }
    if (!verifying.every((key) => key instanceof VerifyingKey)) {
      throw badOption('verifying', 'must be a list of VerifyingKeys');
    }
    const handle = signing && handleOf(signing);
    return new Ring(answered(native.ringFromKeys(verifying.map(handleOf), handle)));
  }

  /** Fetches the keys if there are none yet; resolves with the ring. */
  async ready() {
    answered(await ringOf(this).ready());
    return this;
  }

  /** Fetches the keys now, whatever is there. */
  async refresh() {
    answered(await ringOf(this).refresh());
    return this;
  }

  /** The public keys as a JWK Set. */
  jwks() {
    const keys = answered(ringOf(this).publicJwks());
    return { keys: keys.map((json) => JSON.parse(json)) };
  }

  /** How the ring stands, for people and for monitoring; it asks nobody. Spans are in milliseconds. */
  status() {
    return ringOf(this).status();
  }

  /** Lets the ring go; its thread ends. */
  close() {
    handles.delete(this);
  }
}

function inMilliseconds(options) {
  const given = { ...options };
  for (const name of SPANS) {
    if (given[name] !== undefined) given[name] = milliseconds(name, given[name]);
  }
  return given;
}

/** The addon's ring under one of ours. */
function ringOf(ring) {
  const handle = handles.get(ring);
  if (handle !== undefined) return handle;
  throw new KeytideError('ring_closed', 'the ring was closed', 'Keep a ring open for as long as it is used.');
}

module.exports = { Ring, ringOf };
