// What every site has to do for its callers: sign in, call, refresh, expire, be refused.
'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');

const { deployment } = require('./deployments');
const { forgeries, opened, signed } = require('./forgery');

/** Describes a site that `start(site)` serves; `site.keys` may change while it runs. */
function describeSite(name, start) {
  for (const algorithm of ['HS256', 'RS256']) {
    describe(`${name}, ${algorithm}`, () => describeVisits(start, algorithm));
  }
}

function describeVisits(start, algorithm) {
  /** A test with a running site and a clock that stands still. */
  const visit = (sentence, test) =>
    it(sentence, async (context) => {
      let now = Date.UTC(2031, 4, 6, 7, 8, 9);
      context.mock.method(Date, 'now', () => now);
      const site = new Site(algorithm);
      const server = await start(site);
      try {
        await test(new Caller(server.url), site, (seconds) => (now += seconds * 1000));
      } finally {
        await server.close();
      }
    });

  visit('whoever signs in is known', async (caller) => {
    const { access } = await caller.signIn();
    assert.deepStrictEqual(await caller.me(access), [200, { name: 'alice' }]);
    const [header, claims] = opened(access);
    assert.deepStrictEqual(header, { alg: algorithm, typ: 'JWT' });
    assert.deepStrictEqual([claims.aud, claims.iss, claims.exp - claims.iat], ['shop', 'https://login.example', 300]);
  });

  visit('whoever does not is not', async (caller) => {
    assert.strictEqual((await caller.post('/login', undefined, { name: 'alice', password: 'wrong' }))[0], 401);
    assert.strictEqual((await caller.me())[0], 401);
  });

  visit('a token ends with its last second', async (caller, site, forward) => {
    const { access } = await caller.signIn();
    forward(299);
    assert.strictEqual((await caller.me(access))[0], 200);
    forward(1);
    assert.deepStrictEqual(reason(await caller.me(access)), ['TokenExpiredError', 'jwt expired']);
    forward(-1);
    assert.strictEqual((await caller.me(access))[0], 200);
  });

  visit('a token of the future waits', async (caller, site, forward) => {
    const { access } = await caller.signIn();
    const [header, claims] = opened(access);
    const later = signed(header, { ...claims, nbf: claims.iat + 60 }, site.keys.signing);
    assert.deepStrictEqual(reason(await caller.me(later)), ['NotBeforeError', 'jwt not active']);
    forward(60);
    assert.strictEqual((await caller.me(later))[0], 200);
  });

  visit('a session goes on by its refresh token', async (caller, site, forward) => {
    const { access, refresh } = await caller.signIn();
    forward(300);
    assert.strictEqual((await caller.me(access))[0], 401);
    const [status, renewed] = await caller.post('/refresh', refresh);
    assert.strictEqual(status, 200);
    assert.deepStrictEqual(await caller.me(renewed.access), [200, { name: 'alice' }]);
    forward(86_400);
    assert.deepStrictEqual(reason(await caller.post('/refresh', refresh)), ['TokenExpiredError', 'jwt expired']);
  });

  visit('each token serves for its own purpose', async (caller) => {
    const { access, refresh } = await caller.signIn();
    assert.strictEqual((await caller.me(refresh))[0], 403);
    assert.strictEqual((await caller.post('/refresh', access))[0], 403);
  });

  visit('whoever signs out stays out', async (caller) => {
    const { access } = await caller.signIn();
    const other = await caller.signIn();
    assert.strictEqual((await caller.post('/logout', access))[0], 204);
    assert.strictEqual((await caller.me(access))[0], 401);
    assert.strictEqual((await caller.me(other.access))[0], 200);
  });

  visit('forged tokens are refused in the words they always were', async (caller, site) => {
    const { access } = await caller.signIn();
    for (const [forgery, token, message] of forgeries(access, site.keys)) {
      const answer = await caller.me(token);
      assert.strictEqual(answer[0], 401, forgery);
      if (message) assert.deepStrictEqual(reason(answer), ['JsonWebTokenError', message], forgery);
    }
    assert.strictEqual((await caller.me(access))[0], 200);
  });

  visit('tokens for others are refused', async (caller, site) => {
    const { access } = await caller.signIn();
    const [header, claims] = opened(access);
    const changed = (more) => signed(header, { ...claims, ...more }, site.keys.signing);
    const refusals = [
      [{ aud: 'another shop' }, 'jwt audience invalid. expected: shop'],
      [{ aud: undefined }, 'jwt audience invalid. expected: shop'],
      [{ iss: 'https://login.invalid' }, 'jwt issuer invalid. expected: https://login.example'],
    ];
    for (const [claim, message] of refusals) {
      assert.deepStrictEqual(reason(await caller.me(changed(claim))), ['JsonWebTokenError', message]);
    }
    // The same way of signing does make a token that is taken.
    assert.strictEqual((await caller.me(changed({})))[0], 200);
  });

  visit("a change of key ends the old one's tokens", async (caller, site) => {
    const { access } = await caller.signIn();
    site.keys = deployment(algorithm);
    assert.deepStrictEqual(reason(await caller.me(access)), ['JsonWebTokenError', 'invalid signature']);
    assert.strictEqual((await caller.me((await caller.signIn()).access))[0], 200);
  });

  visit('a change of key is noticed by nobody where the kid chooses', async (caller, site) => {
    site.rotate('first');
    const first = (await caller.signIn()).access;
    site.rotate('second');
    const second = (await caller.signIn()).access;
    assert.deepStrictEqual(
      [first, second].map((token) => opened(token)[0].kid),
      ['first', 'second'],
    );
    for (const token of [first, second]) {
      assert.deepStrictEqual(await caller.me(token), [200, { name: 'alice' }]);
    }
    site.retire('first');
    assert.strictEqual((await caller.me(first))[0], 401);
    assert.strictEqual((await caller.me(second))[0], 200);
  });
}

/** The keys of a site: one, or several told apart by their kid. */
class Site {
  constructor(algorithm) {
    this.keys = deployment(algorithm);
    this.byKid = new Map();
  }

  verifying(kid) {
    return kid === undefined ? this.keys.verifying : this.byKid.get(kid)?.verifying;
  }

  rotate(kid) {
    this.keys = { ...deployment(this.keys.algorithm), kid };
    this.byKid.set(kid, this.keys);
  }

  retire(kid) {
    this.byKid.delete(kid);
  }
}

/** Answers are `[status, body]`. */
class Caller {
  constructor(url) {
    this.url = url;
  }

  async signIn() {
    const [status, tokens] = await this.post('/login', undefined, { name: 'alice', password: 'correct horse' });
    assert.strictEqual(status, 200);
    return tokens;
  }

  me(token) {
    return this.#ask('/me', { headers: bearer(token) });
  }

  post(path, token, body) {
    const headers = { 'content-type': 'application/json', ...bearer(token) };
    return this.#ask(path, { method: 'POST', headers, body: body && JSON.stringify(body) });
  }

  async #ask(path, request) {
    const answer = await fetch(this.url + path, request);
    const text = await answer.text();
    return [answer.status, text.startsWith('{') ? JSON.parse(text) : text];
  }
}

const bearer = (token) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
const reason = ([status, body]) => [body.name, body.message, ...(status === 401 ? [] : [status])];

module.exports = { Caller, describeSite };
