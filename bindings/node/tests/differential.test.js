// Ours against the original: generated calls come to the same, but for rows of the quirk table.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const test = require('node:test');
const { inspect } = require('node:util');

const original = require('jsonwebtoken');
const jwa = require('jwa');
const ours = require('../jsonwebtoken');
const { now, later } = require('./outcome');
const { ODD, NOT_SECRETS, SECRET, WORKING } = require('./keys');
const { quirkOfSign, quirkOfVerify } = require('./quirkOf');

const CALLS = Number(process.env.KEYTIDE_DIFFERENTIAL_CALLS ?? 24000);
const SEED = Number(process.env.KEYTIDE_DIFFERENTIAL_SEED ?? 20261127);
const NOW = 1_900_000_000;

/** The same numbers for the same seed (a linear congruential generator of 48 bits). */
function generator(seed) {
  let state = BigInt(seed);
  const next = () => {
    state = (state * 25214903917n + 11n) & 0xffffffffffffn;
    return Number(state >> 16n) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, one: (list) => list[below(list.length)], chance: (p) => next() < p };
}

const PAYLOADS = [
  {},
  { foo: 'bar' },
  { sub: 'a', aud: 'api', iss: 'me', jti: '1', nonce: 'n' },
  { aud: ['api', 'web'], iat: NOW - 50 },
  { exp: NOW + 100, nbf: NOW - 100 },
  { exp: NOW },
  { exp: NOW - 1 },
  { nbf: NOW + 1 },
  { nbf: NOW },
  { iat: NOW - 100, exp: NOW + 5.5 },
  { text: 'José 測試 🎉', deep: { a: [1, { b: null }] } },
  { iat: 0 },
  { iat: NaN },
  { exp: 'soon' },
  { nbf: '1' },
  { iat: 'x' },
  { exp: null },
  { iat: undefined },
  JSON.parse('{"__proto__":{"a":1},"a":2}'),
  Object.create(null),
  new (class Claims {})(),
  [1, 2],
  null,
  undefined,
  'text',
  '{"a":1}',
  '"quoted"',
  Buffer.from('bytes'),
  5,
  true,
  new Date(0),
];

const SIGN_OPTIONS = {
  expiresIn: [60, '1h', '60', 0, -5, 1.5, '', 'soon', null, [], NaN, '1 day', 'x'.repeat(120)],
  notBefore: [0, 10, '-10s', '5', '', 'never', {}, true],
  audience: ['api', ['a', 'b'], '', 5, null],
  algorithm: [
    ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'PS256', 'PS512', 'ES256', 'ES384', 'ES512'],
    ...['none', 'foo', '', null, 5, 'hs256', 'EdDSA'],
  ],
  header: [{}, { a: 1 }, { typ: undefined }, { kid: 'h' }, { alg: 'HS512' }, { alg: 'bar' }, { typ: 'at+jwt' }, [], null],
  encoding: ['utf8', 'latin1', 'binary', 'nonsense', 5],
  issuer: ['me', '', 5, ['me']],
  subject: ['a', '', 7],
  jwtid: ['1', '', null],
  noTimestamp: [true, false, 'yes', null],
  keyid: ['k1', '', 5, null],
  mutatePayload: [true, false, 1],
  allowInsecureKeySizes: [true, false, 'x'],
  allowInvalidAsymmetricKeyTypes: [true, false, 0],
  unknown: [1],
};

const VERIFY_OPTIONS = {
  algorithms: [
    ...[['HS256'], ['HS256', 'HS384', 'HS512'], ['RS256', 'PS256', 'ES256'], ['none'], [], 'HS256'],
    ...[['ES256', 'ES384', 'ES512'], ['RS256', 'HS256', 'none'], ['foo'], undefined, null],
    ...[['HS256', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'none']],
  ],
  audience: ['api', 'web', /^a/, ['x', /web/], '', 'wrong', ['wrong'], null, 5],
  issuer: ['me', ['me', 'you'], 'you', [], '', null],
  jwtid: ['1', '2', ''],
  subject: ['a', 'b', ''],
  nonce: ['n', 'm', '', ' ', 5, null, undefined],
  ignoreExpiration: [true, false],
  ignoreNotBefore: [true, false],
  clockTolerance: [0, 1, 10, 1000],
  clockTimestamp: [0, NOW, NOW + 1000, NOW - 1000, 'now', true, NaN],
  maxAge: [0, 10, 1000, '1h', '10', 'never', '', {}],
  complete: [true, false, 'yes'],
  allowInvalidAsymmetricKeyTypes: [true, false, 1, undefined],
  unknown: [1],
};

const HEADERS = [
  ...['{"alg":"A","typ":"JWT"}', '{"alg":"A"}', '{"typ":"JWT","alg":"A","kid":"k"}', '{"alg":"none"}'],
  ...['{"alg":"none","typ":"JWT"}', '{"alg":"foo"}', '{"typ":"JWT"}', '{"alg":"A","typ":"at+jwt"}', '{"alg":5}'],
  ...['{}', '5', '"text"', 'null', '[]', '{', '', ' {"alg":"A"}', '{"alg":"A","x":"\xe9"}'],
  ...['{"alg":"A","crit":["x"],"x":1}', '{"alg":"A","b64":false}', '{"alg":"A","kid":5}', '{"alg":"A","typ":1}'],
];

const PAYLOAD_TEXTS = [
  ...['{}', '{"a":1}', '{"exp":1900000100}', '{"exp":"1"}', '{"exp":null}', '{"nbf":[]}', '{"iat":"x"}'],
  ...['[1]', '5', '"text"', '"{\\"a\\":1}"', 'text', '{', '{"a":1,"a":2}', '{"exp":1e999}', 'null', 'true'],
  ...['{"aud":null}', '{"aud":{"a":1}}', '{"iss":{}}', '{"nbf":1900000001}', '{"iat":1899999000}', ' {"a":1} '],
];

function someOptions(random, table) {
  if (random.chance(0.03)) return random.one([null, undefined, 'text', [], 5]);
  const options = {};
  const count = random.one([0, 0, 1, 1, 2, 3, 5]);
  for (let n = 0; n < count; n += 1) {
    const name = random.one(Object.keys(table));
    options[name] = random.one(table[name]);
  }
  return options;
}

function raw(header, payload, key, alg) {
  const input = [header, payload].map((text) => Buffer.from(text, 'latin1').toString('base64url'));
  const text = input.join('.');
  return `${text}.${key === undefined ? '' : jwa(alg).sign(text, asKeyObject(key, alg))}`;
}

function asKeyObject(key, alg) {
  if (key instanceof crypto.KeyObject) return key;
  if (!alg.startsWith('HS')) return crypto.createPrivateKey(key);
  return crypto.createSecretKey(Buffer.from(key));
}

function someToken(random, alg, signer) {
  if (random.chance(0.02)) return random.one([undefined, null, '', 5, {}, 'a.b', 'a.b.c', 'a.b.c.d', [], '..', 'é.é.é']);
  if (random.chance(0.35)) {
    const header = random.one(HEADERS).replace('"A"', JSON.stringify(alg));
    const key = random.chance(0.15) ? undefined : signer;
    return raw(header, random.one(PAYLOAD_TEXTS), key, alg);
  }
  const payload = random.one(SIGNABLE);
  const options = { algorithm: alg, allowInsecureKeySizes: true };
  if (random.chance(0.2)) options.keyid = 'k';
  const token = original.sign(payload, signer, options);
  return random.chance(0.25) ? broken(random, token) : token;
}

const SIGNABLE = PAYLOADS.filter((payload) => now(() => original.sign(payload, SECRET)).result);

function broken(random, token) {
  const at = random.below(token.length);
  const cut = token.lastIndexOf('.');
  return random.one([
    token.slice(0, at) + random.one(['A', '-', '=', '.', ' ', '+', 'é', '']) + token.slice(at + 1),
    token.slice(0, at),
    `${token}.x`,
    `${token} `,
    token.slice(0, cut + 1),
    `${token}AAAA`,
    `${token}==`,
    token.toUpperCase(),
  ]);
}

function describe(kind, args) {
  return `${kind}(${args.map((arg) => inspect(arg, { depth: 4, breakLength: Infinity })).join(', ')})`;
}

test(`${CALLS} generated calls come to the same as with the original (seed ${SEED})`, async () => {
  const random = generator(SEED);
  const clock = Date.now;
  Date.now = () => NOW * 1000 + 123;
  const quirks = new Map();
  const failures = [];
  let compared = 0;
  try {
    while (compared < CALLS) {
      const isSign = random.chance(0.4);
      const { args, quirk, known } = isSign ? signCall(random) : verifyCall(random);
      const kind = isSign ? 'sign' : 'verify';
      const inTurn = [await outcome(original[kind], args, isSign), await outcome(ours[kind], args, isSign)];
      compared += 1;
      const same = isSign ? sameToken(inTurn, known) : isSame(...inTurn);
      if (same) continue;
      const row = quirk(args, ...inTurn);
      if (row === undefined) {
        failures.push(`${describe(kind, args)}\n  original: ${JSON.stringify(inTurn[0])}\n  ours: ${JSON.stringify(inTurn[1])}`);
        if (failures.length > 20) break;
      } else {
        quirks.set(row, (quirks.get(row) ?? 0) + 1);
      }
    }
  } finally {
    Date.now = clock;
  }
  console.log(`# ${compared} calls compared; by quirk: ${JSON.stringify(Object.fromEntries(quirks))}`);
  assert.deepStrictEqual(failures, [], failures.join('\n\n'));
});

async function outcome(call, args, isSign) {
  const copies = () => (isSign ? [copied(args[0]), ...args.slice(1)] : args);
  const direct = copies();
  const sync = now(() => call(...direct));
  if (isSign) sync.payloadAfter = direct[0];
  const async = await later((callback) => call(...copies(), callback));
  return { sync, async };
}

function copied(payload) {
  const isPlain = payload && [Object.prototype, null].includes(Object.getPrototypeOf(payload));
  return isPlain ? Object.defineProperties(Object.create(Object.getPrototypeOf(payload)), Object.getOwnPropertyDescriptors(payload)) : payload;
}

function isSame(a, b) {
  try {
    assert.deepStrictEqual(b, a);
    return true;
  } catch {
    return false;
  }
}

/** Tokens with a random signature agree in the two segments before it, if the original accepts them. */
function sameToken([theirs, our], known) {
  return isSame(comparable(theirs, known), comparable(our, known));
}

function comparable({ sync, async }, { alg, verifier }) {
  const seen = (token) => {
    if (typeof token !== 'string') return token;
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    if (!/^(PS|ES)/.test(header.alg)) return token;
    const options = { algorithms: [header.alg], ignoreExpiration: true, ignoreNotBefore: true, allowInvalidAsymmetricKeyTypes: true };
    const holds = alg === header.alg ? now(() => original.verify(token, verifier, options)).error : 'another key';
    return [token.slice(0, token.lastIndexOf('.')), holds];
  };
  return {
    sync: { ...sync, result: seen(sync.result) },
    async: { ...async, calls: async.calls.map((call) => ({ ...call, result: seen(call.result) })) },
  };
}

function signCall(random) {
  const [alg, signer, verifier] = random.one(WORKING);
  const key = random.chance(0.8) ? signer : random.one(random.chance(0.8) ? ODD : NOT_SECRETS);
  const options = someOptions(random, SIGN_OPTIONS);
  if (options && typeof options === 'object' && !Array.isArray(options) && random.chance(0.7)) {
    options.algorithm = alg;
  }
  return { args: [random.one(PAYLOADS), key, options], quirk: quirkOfSign, known: { alg, verifier } };
}

function verifyCall(random) {
  const [alg, signer, verifier] = random.one(WORKING);
  let token;
  if (random.chance(0.03)) {
    const secret = random.one(NOT_SECRETS);
    token = raw('{"alg":"HS256","typ":"JWT"}', '{"a":1}', Buffer.from(secret), 'HS256');
    return { args: [token, secret, {}], quirk: quirkOfVerify };
  }
  token = someToken(random, alg, signer);
  const key = random.chance(0.85) ? verifier : random.one(random.chance(0.9) ? ODD : NOT_SECRETS);
  const options = someOptions(random, VERIFY_OPTIONS);
  return { args: [token, key, options], quirk: quirkOfVerify };
}
