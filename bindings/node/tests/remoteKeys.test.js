// Rings and key look-ups over a JWK Set on loopback: the event loop never waits, faults are bounded.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { describe, it, before, after } = require('node:test');

const { createSigner, createVerifier, JwksClient, KeytideError, Ring, SigningKey } = require('..');
const jwt = require('../jsonwebtoken');
const keyServer = require('./keyServer');

const [first, second] = [SigningKey.generate('ES256'), SigningKey.generate('RS256')];
const jwkOf = (key) => key.verifyingKey().publicJwk();
const tokenOf = (key) => createSigner({ key, issuer: 'i', audience: 'a', expiresIn: 60 })({ sub: 's' });
const EXPECTED = { issuer: 'i', audience: 'a', typ: 'JWT' };

const verifyLater = (token, key, options = {}) =>
  new Promise((resolve, reject) => {
    jwt.verify(token, key, options, (error, claims) => (error ? reject(error) : resolve(claims)));
  });

describe('a ring from a URL', () => {
  let server;
  before(async () => {
    server = await keyServer([jwkOf(first)]);
  });
  after(() => server.close());

  it('answers at once only from memory, and later after a fetch', async () => {
    const ring = Ring.fromJwks(server.url);
    const verify = createVerifier({ ring, ...EXPECTED });
    const token = tokenOf(first);
    assert.throws(() => jwt.verify(token, ring), ({ name, inner }) => name === 'JsonWebTokenError' && inner.code === 'fetch_needed');
    assert.throws(() => verify(token), { name: 'KeytideError', code: 'fetch_needed' });
    assert.strictEqual(server.requests, 0);
    const answers = await Promise.all([verifyLater(token, ring), verifyLater(token, ring), verify.async(token)]);
    assert.deepStrictEqual(answers.map(({ sub }) => sub), ['s', 's', 's']);
    assert.strictEqual(server.requests, 1);
    assert.strictEqual(jwt.verify(token, ring).sub, 's');
    assert.strictEqual(verify(token).sub, 's');
    const status = ring.status();
    assert.deepStrictEqual([status.keys, status.stale, status.fetches], [1, false, 1]);
    ring.close();
  });

  it('fetches once more for an unknown kid, and not again before its time', async () => {
    server.keys = [jwkOf(first)];
    const ring = await Ring.fromJwks(server.url, { cooldown: 600 }).ready();
    server.keys = [jwkOf(first), jwkOf(second)];
    const { requests } = server;
    const token = tokenOf(second);
    assert.throws(() => jwt.verify(token, ring), ({ inner }) => inner.code === 'fetch_needed');
    assert.strictEqual((await verifyLater(token, ring)).sub, 's');
    const stranger = tokenOf(SigningKey.generate('ES256'));
    for (let n = 0; n < 20; n += 1) {
      await assert.rejects(verifyLater(stranger, ring), ({ inner }) => inner.code === 'unknown_kid');
    }
    assert.strictEqual(server.requests, requests + 1);
    ring.close();
  });

  it('does not sign', async () => {
    const ring = await Ring.fromJwks(server.url).ready();
    assert.throws(() => jwt.sign({}, ring), { code: 'verify_only' });
    await assert.rejects(createSigner({ key: ring }).async({}), { code: 'verify_only' });
    ring.close();
  });

  it('forgets remembered tokens with the keys that vouched for them', async () => {
    server.keys = [jwkOf(first)];
    const ring = await Ring.fromJwks(server.url).ready();
    const verify = createVerifier({ ring, ...EXPECTED, cache: true });
    const token = tokenOf(first);
    assert.strictEqual(verify(token), verify(token));
    server.keys = [jwkOf(second)];
    await ring.refresh();
    assert.throws(() => verify(token), KeytideError);
    ring.close();
  });

  it('keeps no process alive', () => {
    const program = `
      const { Ring } = require(${JSON.stringify(path.join(__dirname, '..'))});
      Ring.fromJwks(${JSON.stringify(server.url)});
      Ring.connect('http://127.0.0.1:9/rings/a.b', 'token');
      require('fs').writeSync(1, 'end');
    `;
    const { stdout, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 });
    assert.deepStrictEqual([stdout, status], ['end', 0]);
  });
});

describe('a server that misbehaves', () => {
  const faults = {
    'answers garbage': [(request, response) => response.end('garbage'), 'set_refused'],
    'redirects': [(request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), 'fetch_failed'],
    'answers 10 MB': [(request, response) => response.end('x'.repeat(10 << 20)), 'too_large'],
    'hangs': [() => {}, 'fetch_timed_out'],
    'fails': [(request, response) => response.writeHead(500).end(), 'fetch_failed'],
    'has no keys': [(request, response) => response.end('{"keys":[]}'), 'no_usable_key'],
    'publishes a private key': [
      (request, response) => {
        const { kid, ...jwk } = require('node:crypto').generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { format: 'jwk' }, publicKeyEncoding: { format: 'jwk' } }).privateKey;
        response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'p' }] }));
      },
      'private_key_published',
    ],
    'drops the connection': [(request) => request.socket.destroy(), 'fetch_failed'],
  };
  for (const [what, [answer, code]] of Object.entries(faults)) {
    it(`and ${what} is told as ${code}; what was there stays`, async () => {
      const server = await keyServer([jwkOf(first)]);
      try {
        const empty = Ring.fromJwks(server.url, { timeout: 0.3, connectTimeout: 0.3 });
        const ring = await Ring.fromJwks(server.url, { timeout: 0.3, connectTimeout: 0.3 }).ready();
        server.answer = answer;
        await assert.rejects(empty.ready(), (error) => error instanceof KeytideError && error.code === code && error.hint.length > 10);
        await assert.rejects(verifyLater(tokenOf(first), empty), ({ name, inner }) => name === 'JsonWebTokenError' && inner.code === code);
        await assert.rejects(ring.refresh(), { code });
        assert.strictEqual(jwt.verify(tokenOf(first), ring).sub, 's');
        assert.strictEqual(ring.status().lastError.code, code);
        empty.close();
        ring.close();
      } finally {
        await server.close();
      }
    });
  }

  it('is not asked at all under a URL that is none', () => {
    for (const [url, code] of [['ftp://a', 'bad_url'], ['http://example.com/x', 'insecure_url'], ['https://u:p@a/', 'bad_url'], ['x', 'bad_url']]) {
      assert.throws(() => Ring.fromJwks(url), { code });
    }
    assert.throws(() => Ring.fromJwks('https://a/', { timeout: 'soon' }), { code: 'bad_option' });
    assert.throws(() => Ring.connect('https://a/rings/x', ''), { code: 'bad_option' });
  });
});

describe('a client that looks keys up', () => {
  it('gives them to programs that have a getKey', async () => {
    const server = await keyServer([jwkOf(first), jwkOf(second)]);
    const client = new JwksClient(server.url);
    try {
      for (const key of [first, second]) {
        assert.strictEqual((await verifyLater(tokenOf(key), client.getKey)).sub, 's');
        assert.strictEqual((await client.key(key.kid, key.algorithm)).kid, key.kid);
      }
      assert.strictEqual(jwt.verify(tokenOf(first), client.ring).sub, 's');
      assert.deepStrictEqual((await client.keys()).keys.map(({ kid }) => kid), [first.kid, second.kid]);
      assert.strictEqual(server.requests, 1);
      const stranger = tokenOf(SigningKey.generate('ES256'));
      await assert.rejects(verifyLater(stranger, client.getKey), /^JsonWebTokenError: error in secret or public key callback: /);
    } finally {
      client.close();
      await server.close();
    }
  });
});
