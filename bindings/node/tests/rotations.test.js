// Rings on a real server that rotate every few seconds, while programs sign and verify all the time: no
// token is refused, also while the server is away. It takes the real time of three rotations.
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const test = require('node:test');

const { createSigner, createVerifier, Ring } = require('..');
const jwt = require('../jsonwebtoken');

const SERVER = process.env.KEYTIDE_TEST_SERVER;
const skip = SERVER ? false : 'KEYTIDE_TEST_SERVER does not name the program keytide';
const ROTATIONS = 3;
const TTL = 3;
const LONGEST_WAIT = 180_000;

/** `keytide serve` on an empty store; `address` stays the same when it is started again. */
class Server {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keytide-node-'));
    this.address = '127.0.0.1:0';
  }

  async start() {
    const out = path.join(this.folder, `out${Date.now()}`);
    const files = [fs.openSync(out, 'w'), fs.openSync(path.join(this.folder, 'err'), 'a')];
    const args = ['serve', '--listen', this.address, '--store', path.join(this.folder, 'store')];
    this.child = spawn(SERVER, args, { stdio: ['ignore', ...files] });
    await until('the server is ready', async () => {
      assert.strictEqual(this.child.exitCode, null, fs.readFileSync(path.join(this.folder, 'err'), 'utf8'));
      const found = /http:\/\/([\d.]+:\d+)/.exec(fs.readFileSync(out, 'utf8'));
      if (!found) return false;
      [, this.address] = found;
      this.token = fs.readFileSync(path.join(this.folder, 'store/operator.token'), 'utf8').trim();
      return (await fetch(`http://${this.address}/readyz`).catch(() => ({}))).ok;
    });
  }

  async post(at, body) {
    const answer = await fetch(`http://${this.address}/v1${at}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `POST ${at}: ${await answer.text()}`);
  }

  connect(ring) {
    return Ring.connect(`http://${this.address}/rings/${ring}`, this.token, { consumer: 'api' });
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function until(what, isSo) {
  const end = Date.now() + LONGEST_WAIT;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, `it never came: ${what}`);
    await pause(50);
  }
}

const POLICY = {
  rotate_every: '9s', token_ttl: `${TTL}s`, propagation: '2s', clock_error: '100ms',
  signer_lag: '2s', leeway: '0s', max_age: '1s', issuer: null,
};

/** One ring; several clients of it, each of which signs, and verifies what any of them signed. */
async function scene(server, ring) {
  const clients = await Promise.all([0, 1, 2].map(() => server.connect(ring).ready()));
  const danger = { anyIssuer: true, anyAudience: true };
  const verifiers = clients.map((client) => createVerifier({ ring: client, typ: 'JWT', danger, cache: true }));
  const signers = clients.map((client) => createSigner({ key: client, expiresIn: TTL }));
  const kids = new Set();
  const pending = [];
  let judged = 0;

  const judge = async (token) => {
    for (const [nth, client] of clients.entries()) {
      const isLate = () => jwt.decode(token).exp <= Math.floor(Date.now() / 1000);
      try {
        await verifiers[nth].async(token);
        await new Promise((resolve, reject) => jwt.verify(token, client, (error) => (error ? reject(error) : resolve())));
      } catch (error) {
        assert.ok(isLate(), `${ring}: ${error.stack} ${JSON.stringify(client.status())}`);
      }
      judged += 1;
    }
  };
  const sign = async (nth) => {
    if (nth % 2 === 0) return signers[nth].async({ sub: 'ada' });
    return new Promise((resolve, reject) => {
      jwt.sign({ sub: 'ada' }, clients[nth], { expiresIn: TTL }, (error, token) => (error ? reject(error) : resolve(token)));
    });
  };
  await until(`${ROTATIONS} rotations of ${ring}`, async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      const token = await sign(nth);
      kids.add(jwt.decode(token, { complete: true }).header.kid);
      await judge(token);
      pending.push([Date.now() + TTL * 1000 - 1700, token]);
    }
    while (pending.length > 0 && pending[0][0] <= Date.now()) await judge(pending.shift()[1]);
    return kids.size > ROTATIONS;
  });
  assert.ok(judged > 100, `only ${judged} answers`);
  return { clients, verifiers, judged, kids };
}

test('rings rotate three times under both packages, and the server goes away and comes back', { skip }, async (t) => {
  const server = new Server();
  await server.start();
  try {
    const acknowledges = [{ name: 'api', acknowledges: true, lease: '6s' }];
    await server.post('/rings', { name: 'shared.test', algorithm: 'HS256', ...POLICY, consumers: acknowledges });
    await server.post('/rings', { name: 'signed.test', algorithm: 'ES256', ...POLICY, consumers: [{ name: 'api', hold: '1s' }] });
    const scenes = await Promise.all(['shared.test', 'signed.test'].map((ring) => scene(server, ring)));
    t.diagnostic(`judged: ${scenes.map(({ judged }) => judged).join(' and ')}; kids: ${scenes.map(({ kids }) => kids.size).join(' and ')}`);

    const [shared] = scenes;
    const tokens = () => shared.clients.map((ring) => jwt.sign({}, ring, { expiresIn: 60 }));
    await server.stop();
    for (let n = 0; n < 20; n += 1) {
      for (const token of tokens()) for (const ring of shared.clients) jwt.verify(token, ring);
      await pause(50);
    }
    assert.throws(() => jwt.sign({}, scenes[1].clients[0]), { code: 'signs_on_server' });
    await server.start();
    await until('the ring heard of the server again', () => shared.clients[0].refresh().then(() => true, () => false));
    for (const token of tokens()) for (const ring of shared.clients) jwt.verify(token, ring);
    for (const { clients } of scenes) clients.forEach((ring) => ring.close());
  } finally {
    await server.stop();
    fs.rmSync(server.folder, { recursive: true, force: true });
  }
});
