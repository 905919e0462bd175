// Worker threads, clusters and memory: the addon in several contexts and over many tokens.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { it } = require('node:test');

const jwt = require('../jsonwebtoken');

const HERE = path.join(__dirname, '..');
const SECRET = 'a-secret-that-is-32-bytes-or-more!';

const IN_A_WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Ring, createSigner, SigningKey } = require(workerData.here);
  const jwt = require(workerData.here + '/jsonwebtoken');
  const ring = Ring.fromEnv({ env: { JWT_SECRET: workerData.secret } });
  let last;
  for (let n = 0; n < 2000; n += 1) {
    last = jwt.sign({ n }, n % 2 ? ring : workerData.secret);
    if (jwt.verify(last, n % 3 ? ring : workerData.secret).n !== n) throw new Error('another token');
  }
  createSigner({ key: SigningKey.generate('ES256') })({});
  ring.ready().then(() => parentPort.postMessage(last));
`;

it('works in worker threads, started and ended one after the other and at once', async () => {
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(IN_A_WORKER, { eval: true, workerData: { here: HERE, secret: SECRET } });
      let answer;
      worker.once('message', (message) => { answer = message; });
      worker.once('error', reject);
      worker.once('exit', (status) => (status === 0 ? resolve(answer) : reject(new Error(`exit ${status}`))));
    });
  for (let round = 0; round < 3; round += 1) {
    for (const token of await Promise.all([run(), run(), run(), run()])) {
      assert.strictEqual(jwt.verify(token, SECRET).n, 1999);
    }
  }
});

it('works in a worker that is ended in the middle of its work', async () => {
  const endless = IN_A_WORKER.replace('n < 2000', 'true');
  for (let round = 0; round < 3; round += 1) {
    const worker = new Worker(endless, { eval: true, workerData: { here: HERE, secret: SECRET } });
    await new Promise((resolve) => worker.once('online', resolve));
    await worker.terminate();
  }
  assert.strictEqual(jwt.verify(jwt.sign({ a: 1 }, SECRET), SECRET).a, 1);
});

it('works in the processes of a cluster', () => {
  const program = path.join(__dirname, 'clusterProgram.js');
  const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  assert.deepStrictEqual([stdout, status], ['end', 0]);
});

it('takes no more memory for more tokens', () => {
  const count = process.env.KEYTIDE_MEMORY_TOKENS ?? '200000';
  const script = path.join(__dirname, 'memory.js');
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, count], { encoding: 'utf8' });
  const { megabytes } = JSON.parse(stdout || `{"failed":${JSON.stringify(stderr)}}`);
  // The first steps fill caches and warm the compiler up.
  const [early, late] = [Math.max(...megabytes.slice(2, 5)), Math.min(...megabytes.slice(-3))];
  assert.ok(late < early + 16, `it grew: ${megabytes} MB`);
});
