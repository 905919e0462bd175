// Each row of the quirk table, shown with the original and with ours.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const jwa = require('jwa');
const original = require('jsonwebtoken');
const ours = require('../jsonwebtoken');
const rows = require('../quirks.json');
const { ed25519, p256, rsa, SECRET, jwk, spki } = require('./keys');
const { now, later } = require('./outcome');

const segment = (text) => Buffer.from(text).toString('base64url');
const secretOf = (key) => crypto.createSecretKey(Buffer.from(key));

/** A token of exactly these texts or bytes, signed. */
function signed(header, payload, key = SECRET, alg = 'HS256') {
  const input = `${segment(header)}.${segment(payload)}`;
  const signer = alg === 'HS256' ? secretOf(key) : crypto.createPrivateKey(key);
  return `${input}.${jwa(alg).sign(input, signer)}`;
}

const HEADER = '{"alg":"HS256","typ":"JWT"}';
const claims = (payload) => signed(HEADER, payload);
const verify = (token, key = SECRET, options = {}) => (lib) =>
  now(() => lib.verify(token, key, options));
const sign = (...args) => (lib) => later((callback) => lib.sign(...args, callback));

/** Another text for the same bytes: the last character's bits that carry nothing are set. */
function withStrayBits(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) + 1];
}

function strayPayload() {
  const input = `${segment(HEADER)}.${withStrayBits(segment('{"ab":1}'))}`;
  return `${input}.${jwa('HS256').sign(input, secretOf(SECRET))}`;
}

/** An RSA key whose exponent is 1, so that every text is its own signature. */
function exponentOne() {
  const { n } = jwk(rsa.publicKey);
  return { key: { kty: 'RSA', n, e: 'AQ' }, format: 'jwk' };
}

function forgedWithExponentOne() {
  const input = `${segment('{"alg":"RS256"}')}.${segment('{"a":1}')}`;
  const hash = crypto.createHash('sha256').update(input).digest();
  const info = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const padded = Buffer.alloc(256, 0xff);
  padded.set([0, 1]);
  padded[256 - info.length - hash.length - 1] = 0;
  Buffer.concat([info, hash]).copy(padded, 256 - info.length - hash.length);
  return `${input}.${padded.toString('base64url')}`;
}

const refuses = (message) => (outcome) => assert.strictEqual(outcome.error?.message, message);
const accepts = (outcome) => assert.strictEqual(outcome.error, undefined, outcome.error?.message);
const throwsTypeError = (outcome) => assert.strictEqual(outcome.error?.class, 'TypeError');
const calls = (...kinds) => ({ calls: seen, thrown }) => {
  assert.strictEqual(thrown, undefined);
  assert.deepStrictEqual(seen.map(({ error }) => (error ? 'error' : 'token')), kinds);
};
const throwsPast = ({ calls: seen, thrown }) => {
  assert.ok(thrown);
  assert.strictEqual(seen.length, 0);
};
const notMaterial = refuses('secretOrPublicKey is not valid key material');

/** By row: programs, and what becomes of each with the original and with ours. */
const SHOWN = {
  'crit-ignored': [
    [verify(signed('{"alg":"HS256","crit":["x"],"x":1}', '{}')), accepts, refuses('jwt header "crit" is not supported')],
  ],
  'b64-ignored': [
    [verify(signed('{"alg":"HS256","b64":false}', '{}')), accepts, refuses('jwt header "b64" is not supported')],
  ],
  'header-types': [
    [verify(signed('{"alg":"HS256","kid":[1]}', '{}')), accepts, refuses('jwt header "kid" must be a string')],
    [verify(signed('{"alg":"HS256","typ":1}', '{}')), accepts, refuses('jwt header "typ" must be a string')],
    [
      verify(signed(`{"alg":"HS256","kid":"${'k'.repeat(1025)}"}`, '{}')),
      accepts,
      refuses('jwt header "kid" is longer than 1024 characters'),
    ],
  ],
  'keys-as-secrets': [
    ...[
      Buffer.alloc(0),
      Buffer.alloc(32),
      JSON.stringify(jwk(rsa.publicKey)),
      JSON.stringify({ keys: [jwk(rsa.publicKey)] }),
      spki(rsa.publicKey),
      spki(rsa.publicKey).toString('base64'),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpoRtEk6Tn9NG5ogQgVLXuCiHgH9Fn5UIAWKOanF+ec',
      '-----BEGIN PUBLIC KEY-----\nbm90aGluZw==\n-----END PUBLIC KEY-----',
    ].map((key) => [verify(signed(HEADER, '{}', key), key), accepts, notMaterial]),
    [
      (lib) => now(() => lib.sign({}, rsa.publicKey)),
      accepts,
      refuses('secretOrPrivateKey is not valid key material'),
    ],
    [sign({}, Buffer.alloc(0)), calls('token'), calls('error')],
  ],
  'weak-rsa': [
    [
      verify(forgedWithExponentOne(), exponentOne()),
      accepts,
      refuses('secretOrPublicKey is too weak: RSA needs 1024 bits and an exponent of 3 at least'),
    ],
  ],
  'jwk-attributes': [
    ...[
      [{ alg: 'RS512' }, 'secretOrPublicKey is not for RS256'],
      [{ use: 'enc' }, 'secretOrPublicKey is not for signatures'],
    ].map(([attributes, message]) => [
      verify(signed('{"alg":"RS256"}', '{}', rsa.privateKey, 'RS256'), {
        key: { ...jwk(rsa.publicKey), ...attributes },
        format: 'jwk',
      }),
      accepts,
      refuses(message),
    ]),
  ],
  'substring-algorithms': [
    [verify(claims('{}'), SECRET, { algorithms: 'xHS256y' }), accepts, refuses('invalid algorithm')],
    [verify(claims('{}'), SECRET, { algorithms: 'HS256' }), accepts, accepts],
  ],
  'loose-json': [
    ...[
      '{"a":1,"a":2}',
      Buffer.from('{"a":"\xff"}', 'latin1'),
      `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
      '{"a":"\\ud800"}',
      `{"a":${'1'.repeat(600)}}`,
    ].flatMap((payload) => [
      [
        verify(claims(payload)),
        accepts,
        ({ error }) => assert.match(error.message, /^jwt payload is not strict JSON: /),
      ],
      [verify(claims(payload), SECRET, { allowLooseJson: true }), accepts, accepts],
    ]),
    [
      verify(signed('{"alg":"HS256","alg":"HS256"}', '{}')),
      accepts,
      ({ error }) => assert.match(error.message, /^jwt header is not strict JSON: /),
    ],
  ],
  'loose-base64': [
    [verify(strayPayload()), accepts, refuses('jwt payload is not canonical base64url')],
    [verify(strayPayload(), SECRET, { allowLooseJson: true }), accepts, accepts],
  ],
  'loose-signature': [
    [verify(withStrayBits(signed('{"alg":"RS256"}', '{}', rsa.privateKey, 'RS256')), rsa.publicKey), accepts, refuses('invalid signature')],
    [verify(withStrayBits(signed('{"alg":"ES256"}', '{}', p256.privateKey, 'ES256')), p256.publicKey), accepts, refuses('invalid signature')],
  ],
  'long-tokens': [
    [
      verify(claims(`{"a":"${'x'.repeat(65536)}"}`)),
      accepts,
      refuses('jwt is longer than 65536 characters (option maxTokenLength)'),
    ],
    [verify(claims(`{"a":"${'x'.repeat(65536)}"}`), SECRET, { maxTokenLength: 1e6 }), accepts, accepts],
  ],
  'unusual-issuer': [
    [
      verify(claims('{"iss":"evil"}'), SECRET, { issuer: /^good$/ }),
      accepts,
      refuses('issuer must be a string or an array of strings'),
    ],
  ],
  'absent-expectation': [
    [verify(claims('{}'), SECRET, { audience: [undefined] }), accepts, refuses('jwt audience invalid. expected: ')],
    [verify(claims('{}'), SECRET, { audience: /.*/ }), accepts, refuses('jwt audience invalid. expected: /.*/')],
    [verify(claims('{}'), SECRET, { issuer: [undefined] }), accepts, refuses('jwt issuer invalid. expected: ')],
  ],
  'sticky-audience': [
    [
      (lib) => {
        const audience = /^api/g;
        lib.verify(claims('{"aud":"api"}'), SECRET, { audience });
        return now(() => lib.verify(claims('{"aud":"api"}'), SECRET, { audience }));
      },
      refuses('jwt audience invalid. expected: /^api/g'),
      accepts,
    ],
  ],
  'infinite-times': [
    ...['exp', 'nbf'].map((name) => [
      verify(claims(`{"${name}":${name === 'exp' ? '' : '-'}1e999}`), SECRET, { allowLooseJson: true }),
      accepts,
      refuses(`invalid ${name} value`),
    ]),
    [
      verify(claims('{"exp":1e999}')),
      accepts,
      ({ error }) => assert.match(error.message, /^jwt payload is not strict JSON: /),
    ],
  ],
  'iat-type': [[verify(claims('{"iat":"now"}')), accepts, refuses('invalid iat value')]],
  'null-payload': [[verify(claims('null')), throwsTypeError, refuses('invalid token')]],
  'leaked-type-errors': [
    [
      verify(`${segment(HEADER)}.${segment('{}')}.`, null, { algorithms: ['HS256'] }),
      throwsTypeError,
      refuses('secret or public key must be provided'),
    ],
    [
      (lib) =>
        later((callback) =>
          lib.verify(`${segment(HEADER)}.${segment('{}')}.`, (header, found) => found(null, undefined), { algorithms: ['HS256'] }, callback),
        ),
      throwsPast,
      calls('error'),
    ],
    [verify(claims('{}'), SECRET, { algorithms: {} }), throwsTypeError, refuses('algorithms must be an array')],
    [
      (lib) => now(() => lib.sign({}, SECRET, { header: { alg: undefined } })),
      throwsTypeError,
      refuses('"alg" in the header must be a string'),
    ],
  ],
  'key-answered-twice': [
    [
      (lib) =>
        later((callback) =>
          lib.verify(claims('{}'), (header, found) => { found(null, SECRET); found(null, SECRET); }, callback),
        ),
      calls('token', 'token'),
      calls('token'),
    ],
  ],
  'callback-twice': [[sign({ iss: 'a' }, SECRET, { issuer: 'b' }), calls('error', 'token'), calls('error')]],
  'callback-never': [
    [sign('', SECRET, {}), calls(), calls('token')],
    [sign({}, null, { algorithm: 'none' }), calls(), calls('token')],
  ],
  'callback-unexpected-type': [
    [sign(5, SECRET, {}), throwsPast, calls('token')],
    [sign(true, SECRET, {}), throwsPast, calls('token')],
  ],
  'claims-named-like-methods': [
    [(lib) => now(() => lib.verify(lib.sign({ constructor: 'x', toString: 'y' }, SECRET), SECRET)), throwsTypeError, accepts],
  ],
  'header-beyond-latin-1': [
    [
      (lib) => lib.decode(lib.sign({}, SECRET, { keyid: '測試é' }), { complete: true }).header.kid,
      (kid) => assert.notStrictEqual(kid, '測試é'),
      (kid) => assert.strictEqual(kid, '測試é'),
    ],
  ],
  ed25519: [
    [
      (lib) => {
        const token = ours.sign({}, ed25519.privateKey, { algorithm: 'EdDSA' });
        return now(() => lib.verify(token, ed25519.publicKey, { algorithms: ['EdDSA'] }));
      },
      refuses('Unknown key type "ed25519".'),
      accepts,
    ],
    [
      (lib) => now(() => lib.sign({}, ed25519.privateKey, { algorithm: 'RS256' })),
      refuses('Unknown key type "ed25519".'),
      refuses('Unknown key type "ed25519".'),
    ],
  ],
  'kept-non-claims': [
    ...['"text"', '5', 'true', '[1]'].map((payload) => [verify(claims(payload)), accepts, accepts]),
    [verify(signed('{"alg":"HS256"}', 'plain text')), accepts, accepts],
    [verify(claims('5'), SECRET, { requiredClaims: ['sub'] }), accepts, refuses('jwt claim required: sub')],
  ],
  'kept-zero-options': [
    [verify(claims('{"iat":1}'), SECRET, { clockTimestamp: 0, maxAge: 0, audience: '', issuer: '' }), accepts, accepts],
  ],
  'kept-short-secrets': [[verify(signed(HEADER, '{}', 's'), 's'), accepts, accepts]],
  'kept-private-pem': [
    [verify(signed('{"alg":"RS256"}', '{}', rsa.privateKey, 'RS256'), rsa.privateKey), accepts, accepts],
  ],
};

for (const row of rows) {
  test(`quirk ${row.id}: ${row.quirk}`, async () => {
    assert.ok(SHOWN[row.id]?.length > 0, 'the row is shown by no program');
    for (const [program, withOriginal, withOurs] of SHOWN[row.id]) {
      withOriginal(await program(original));
      withOurs(await program(ours));
    }
  });
}

test('every program that shows a quirk belongs to a row', () => {
  assert.deepStrictEqual(Object.keys(SHOWN).sort(), rows.map(({ id }) => id).sort());
});

test('the table in docs/node.md is the one of the data file', () => {
  const page = fs.readFileSync(path.join(__dirname, '../../../docs/node.md'), 'utf8');
  const cells = ({ quirk, original: theirs, ours: our, why, optOut }) => [
    ...[quirk, theirs, our, why, optOut ? `\`${optOut}\`` : ''],
  ];
  const lines = rows.map((row) => `| ${cells(row).join(' | ')} |`.replace(/ {2,}/g, ' '));
  const missing = lines.filter((line) => !page.includes(`\n${line}\n`));
  assert.deepStrictEqual(missing, [], `docs/node.md lacks these rows:\n${missing.join('\n')}`);
});
