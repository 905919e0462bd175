// Signs and verifies with a ring on a Keytide server through `keytide/jsonwebtoken`, as a service in
// Node does. usage: ring_holder.mjs INSTANCE TTL_SECONDS
// stdin and stdout are as ring_holder.py has them.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const folder = process.env.KEYTIDE_TEST_NODE_PACKAGE;
const require = createRequire(`${folder}/package.json`);
const { Ring } = require('keytide');
const jwt = require('keytide/jsonwebtoken');

const [instance, ttl] = [process.argv[2], Number(process.argv[3])];
let ring;

const inCallback = (call) =>
  new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });

const commands = {
  async connect(url, token) {
    ring = Ring.connect(url, token, { consumer: 'api', instance, wait: 1 });
    await ring.ready();
    return 'connected';
  },
  async mint() {
    const exp = Math.floor(Date.now() / 1000) + ttl;
    const token = await inCallback((done) => jwt.sign({ sub: instance, exp }, ring, done));
    return `token ${token} ${jwt.decode(token, { complete: true }).header.kid} ${exp}`;
  },
  async verify(token) {
    const claims = await inCallback((done) => jwt.verify(token, ring, done));
    return claims.sub === undefined ? `refused claims ${JSON.stringify(claims)}` : 'ok';
  },
  async fetch(url) {
    await Ring.fromJwks(url, { timeout: 1, connectTimeout: 1 }).refresh();
    return 'fetched';
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...given] = line.split(' ');
  let answer;
  try {
    answer = await commands[command](...given);
  } catch (error) {
    const cause = error.inner ?? error;
    answer = `refused ${cause.code ?? error.name} ${error.message}`.replaceAll('\n', ' ');
  }
  console.log(answer);
}
