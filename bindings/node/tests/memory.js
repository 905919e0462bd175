// Verifies and signs so many tokens and tells how much memory that took: node --expose-gc tests/memory.js 10000000
'use strict';

const crypto = require('node:crypto');
const { createVerifier, SigningKey } = require('..');
const jwt = require('../jsonwebtoken');

const COUNT = Number(process.argv[2] ?? 10_000_000);
const STEPS = 10;

const SECRET = 'a-secret-that-is-32-bytes-or-more!';
const verify = createVerifier({
  key: SigningKey.fromSecret('HS256', SECRET).verifyingKey(),
  danger: { anyIssuer: true, anyAudience: true, anyTyp: true, noExpiry: true },
  cache: { maxBytes: 1 << 20 },
});

/** Work of every kind: known and unknown keys, headers and tokens, accepted and refused. */
function work(n) {
  const token = jwt.sign({ n }, SECRET, { keyid: `k${n % 1000}` });
  jwt.verify(token, SECRET);
  verify(token);
  if (n % 10 !== 0) return;
  jwt.verify(jwt.sign({ n }, `${SECRET}${n}`), Buffer.from(`${SECRET}${n}`));
  jwt.verify(token, crypto.createSecretKey(Buffer.from(SECRET)));
  try {
    jwt.verify(`${token}x`, SECRET);
  } catch {
    return;
  }
  throw new Error('a broken token was accepted');
}

function resident() {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
}

const seen = [];
for (let step = 0; step < STEPS; step += 1) {
  for (let n = 0; n < COUNT / STEPS; n += 1) work(step * (COUNT / STEPS) + n);
  seen.push(Math.round(resident()));
}
console.log(JSON.stringify({ count: COUNT, megabytes: seen }));
