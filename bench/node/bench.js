// Signing and verifying in Node beside jsonwebtoken and fast-jwt, in turns, as rows of a table.
//
// node bench/node/bench.js [ROUNDS]; KEYTIDE_NODE_PEERS names the folder node_modules with the peers.
'use strict';

const crypto = require('node:crypto');
const path = require('node:path');
const { createRequire } = require('node:module');

const ROUNDS = Number(process.argv[2] ?? 300);
/** How long a contender works in one turn, about, in nanoseconds. */
const TURN = 500_000;

const bindings = path.join(__dirname, '../../bindings/node');
const peers = createRequire(path.join(process.env.KEYTIDE_NODE_PEERS ?? path.join(bindings, 'node_modules'), 'x.js'));
const jsonwebtoken = peers('jsonwebtoken');
const fast = peers('fast-jwt');
const drop = require(path.join(bindings, 'jsonwebtoken'));
const keytide = require(bindings);

const now = Math.floor(Date.now() / 1000);
const CLAIMS = {
  iss: 'https://id.example', sub: 'user-12345678', aud: 'https://api.example', exp: now + 86400, nbf: now - 60,
  iat: now - 60, jti: '0c1f6a52-8e5e-4b8e', scope: 'read write', admin: false,
};
const KID = '2026-11-key-1';
const EXPECTED = { issuer: CLAIMS.iss, audience: CLAIMS.aud };

const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } };
const pairOf = {
  HS256: () => ({ privateKey: crypto.randomBytes(32).toString('base64url') }),
  RS256: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048, ...pem }),
  ES256: () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1', ...pem }),
};

function contenders(alg) {
  const { privateKey, publicKey = privateKey } = pairOf[alg]();
  const isSecret = publicKey === privateKey;
  const signObject = isSecret ? crypto.createSecretKey(Buffer.from(privateKey)) : crypto.createPrivateKey(privateKey);
  const verifyObject = isSecret ? signObject : crypto.createPublicKey(publicKey);
  const signOptions = { algorithm: alg, keyid: KID };
  const verifyOptions = { algorithms: [alg], ...EXPECTED };
  const token = jsonwebtoken.sign(CLAIMS, signObject, signOptions);

  const make = isSecret ? 'fromSecret' : 'fromPem';
  const signingKey = keytide.SigningKey[make](alg, privateKey, { kid: KID });
  const verifyingKey = keytide.VerifyingKey[make](alg, publicKey);
  const sign = keytide.createSigner({ key: signingKey });
  const verify = keytide.createVerifier({ key: verifyingKey, ...EXPECTED, typ: 'JWT' });
  const remember = keytide.createVerifier({ key: verifyingKey, ...EXPECTED, typ: 'JWT', cache: true });
  const fastOptions = { key: publicKey, allowedIss: EXPECTED.issuer, allowedAud: EXPECTED.audience };
  const fastSign = fast.createSigner({ key: privateKey, algorithm: alg, kid: KID });
  const fastVerify = fast.createVerifier(fastOptions);
  const fastRemember = fast.createVerifier({ ...fastOptions, cache: true });

  return [
    [`${alg} verify, key as text`, {
      keytide: () => drop.verify(token, publicKey, verifyOptions),
      jsonwebtoken: () => jsonwebtoken.verify(token, publicKey, verifyOptions),
    }],
    [`${alg} verify, key as KeyObject`, {
      keytide: () => drop.verify(token, verifyObject, verifyOptions),
      jsonwebtoken: () => jsonwebtoken.verify(token, verifyObject, verifyOptions),
    }],
    [`${alg} verify, prepared`, {
      keytide: () => verify(token),
      'fast-jwt': () => fastVerify(token),
      'jsonwebtoken, KeyObject': () => jsonwebtoken.verify(token, verifyObject, verifyOptions),
    }],
    [`${alg} verify, token seen before`, {
      keytide: () => remember(token),
      'fast-jwt': () => fastRemember(token),
    }],
    [`${alg} sign, key as text`, {
      keytide: () => drop.sign(CLAIMS, privateKey, signOptions),
      jsonwebtoken: () => jsonwebtoken.sign(CLAIMS, privateKey, signOptions),
    }],
    [`${alg} sign, key as KeyObject`, {
      keytide: () => drop.sign(CLAIMS, signObject, signOptions),
      jsonwebtoken: () => jsonwebtoken.sign(CLAIMS, signObject, signOptions),
    }],
    [`${alg} sign, prepared`, {
      keytide: () => sign(CLAIMS),
      'fast-jwt': () => fastSign(CLAIMS),
      'jsonwebtoken, KeyObject': () => jsonwebtoken.sign(CLAIMS, signObject, signOptions),
    }],
  ];
}

/** Nanoseconds of one call, over so many. */
function timed(call, times) {
  const start = process.hrtime.bigint();
  for (let n = 0; n < times; n += 1) call();
  return Number(process.hrtime.bigint() - start) / times;
}

/** Runs all contenders of a row in turns; the minimum and the median of each, in nanoseconds. */
function measured(calls) {
  const runs = Object.entries(calls).map(([name, call]) => {
    // Warm, and so that a turn takes about as long for everybody.
    let times = 1;
    while (timed(call, times) * times < TURN / 4 && times < 1e6) times *= 2;
    for (let n = 0; n < 5; n += 1) timed(call, times);
    const each = timed(call, times);
    return { name, call, times: Math.max(1, Math.round(TURN / each)), seen: [] };
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const run of runs) run.seen.push(timed(run.call, run.times));
  }
  return runs.map(({ name, seen }) => {
    seen.sort((a, b) => a - b);
    return { name, min: seen[0], median: seen[seen.length >> 1] };
  });
}

console.log('| row | what | who | min ns | median ns | to ours, min | to ours, median |');
console.log('|---|---|---|--:|--:|--:|--:|');
for (const alg of Object.keys(pairOf)) {
  for (const [what, calls] of contenders(alg)) {
    const rows = measured(calls);
    for (const { name, min, median } of rows) {
      const [ours] = rows;
      const ratios = [min / ours.min, median / ours.median].map((ratio) => ratio.toFixed(2));
      console.log(`| P7 | ${what} | ${name} | ${[min, median].map(Math.round).join(' | ')} | ${ratios.join(' | ')} |`);
    }
  }
}
