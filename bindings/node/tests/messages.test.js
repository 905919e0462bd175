// Every message of the original, the order in which its checks speak, and when callbacks are called.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const test = require('node:test');
const { describe, it } = test;

const jwa = require('jwa');
const sinon = require('sinon');
const jwt = require('../jsonwebtoken');
const keys = require('./keys');

const { SECRET, dsa, ed25519, explicitP256, p256, p384, pss256, pssLongSalt, rsa, smallRsa } = keys;
const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = jwt;
const segment = (text) => Buffer.from(text).toString('base64url');

function raw(payload, header = '{"alg":"HS256","typ":"JWT"}', secret = SECRET) {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${jwa('HS256').sign(input, secret)}`;
}

const unsigned = (payload, header = '{"alg":"none"}') => `${segment(header)}.${segment(payload)}.`;
const ofRsa = jwt.sign({ a: 1 }, rsa.privateKey, { algorithm: 'RS256' });
const AT = 1_900_000_000;

/** The two forms of a call fail alike; the callback's in the same tick. */
function fails(call, type, message, own = {}) {
  let thrown;
  assert.throws(call, (error) => {
    thrown = error;
    return true;
  });
  let delivered;
  call((error, result) => {
    assert.strictEqual(result, undefined);
    delivered = error;
  });
  for (const error of [thrown, delivered]) {
    assert.ok(error, 'the callback was not called in the same tick');
    assert.strictEqual(error.constructor, type);
    assert.strictEqual(error.message, message);
    assert.ok(error instanceof Error);
    if (type.prototype instanceof JsonWebTokenError || type === JsonWebTokenError) {
      assert.ok(error instanceof JsonWebTokenError);
      assert.deepStrictEqual({ ...error }, { name: error.name, message, ...own });
      assert.match(error.stack, new RegExp(type === JsonWebTokenError ? '' : 'Error'));
    }
  }
}

const signing = (payload, key, options) => (...callback) => jwt.sign(payload, key, options, ...callback);
const verifying = (token, key, options) => (...callback) => jwt.verify(token, key, options, ...callback);

describe('sign refuses, in this order', () => {
  const S = SECRET;
  const cases = [
    ['secretOrPrivateKey must have a value', undefined, undefined, { unknown: 1 }],
    ['secretOrPrivateKey must have a value', {}, '', {}],
    ['secretOrPrivateKey is not valid key material', undefined, 123, { algorithm: 'RS256' }],
    ['secretOrPrivateKey is not valid key material', {}, { key: keys.encrypted, passphrase: 'wrong' }, { algorithm: 'RS256' }],
    ['secretOrPrivateKey must be a symmetric key when using HS256', undefined, rsa.privateKey, {}],
    ['secretOrPrivateKey must be an asymmetric key when using RS256', undefined, S, { algorithm: 'RS256' }],
    ['secretOrPrivateKey must be an asymmetric key when using ES256', undefined, crypto.createPublicKey(p256.publicKey), { algorithm: 'ES256' }],
    ['secretOrPrivateKey has a minimum key size of 2048 bits for PS256', undefined, smallRsa.privateKey, { algorithm: 'PS256' }],
    ['payload is required', undefined, S, { expiresIn: 1, unknown: 1 }],
    ['Expected "payload" to be a plain object.', [], S, { unknown: 1 }],
    ['Expected "payload" to be a plain object.', null, S, {}],
    ['"iat" should be a number of seconds', { iat: 'x' }, S, { unknown: 1 }],
    ['"exp" should be a number of seconds', { exp: 'x' }, S, { expiresIn: 1 }],
    ['"nbf" should be a number of seconds', { nbf: null }, S, {}],
    ['invalid expiresIn,noTimestamp,jwtid option for string payload', 'x', S, { jwtid: '1', expiresIn: 1, noTimestamp: false, unknown: 1 }],
    ['invalid notBefore,audience,issuer,subject option for object payload', Buffer.from('x'), S, { notBefore: 1, audience: 'a', issuer: 'i', subject: 's' }],
    ['Bad "options.expiresIn" option the payload already has an "exp" property.', { exp: 1, nbf: 1 }, S, { expiresIn: 'x', notBefore: 1, unknown: 1 }],
    ['Bad "options.notBefore" option the payload already has an "nbf" property.', { nbf: 1 }, S, { notBefore: 1, unknown: 1 }],
    ['Expected "options" to be a plain object.', {}, S, new (class Options {})()],
    ['"unknown" is not allowed in "options"', {}, S, { unknown: 1, expiresIn: '' }],
    ['"expiresIn" should be a number of seconds or string representing a timespan', {}, S, { expiresIn: '', unknown: 1 }],
    ['"notBefore" should be a number of seconds or string representing a timespan', {}, S, { notBefore: 1.5 }],
    ['"audience" must be a string or array', {}, S, { audience: 5 }],
    ['"algorithm" must be a valid string enum value', {}, S, { algorithm: 'foo' }],
    ['"header" must be an object', {}, S, { header: [] }],
    ...['encoding', 'issuer', 'subject', 'jwtid', 'keyid'].map((name) => [`"${name}" must be a string`, {}, S, { [name]: 5 }]),
    ...['noTimestamp', 'mutatePayload', 'allowInsecureKeySizes', 'allowInvalidAsymmetricKeyTypes'].map((name) => [
      `"${name}" must be a boolean`,
      {},
      S,
      { [name]: 'yes' },
    ]),
    ['Unknown key type "dsa".', {}, dsa.privateKey, { algorithm: 'RS256' }],
    ['Unknown key type "ed25519".', {}, ed25519.privateKey, { algorithm: 'ES256' }],
    ['"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.', {}, p256.privateKey, { algorithm: 'RS256' }],
    ['"alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512.', {}, rsa.privateKey, { algorithm: 'ES256' }],
    ['"alg" parameter for "rsa-pss" key type must be one of: PS256, PS384, PS512.', {}, pss256.privateKey, { algorithm: 'RS256' }],
    ['"alg" parameter "ES256" requires curve "prime256v1".', {}, p384.privateKey, { algorithm: 'ES256' }],
    ['Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of "alg" PS512.', {}, pss256.privateKey, { algorithm: 'PS512' }],
    ['Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the requirements of "alg" PS256.', {}, pssLongSalt.privateKey, { algorithm: 'PS256' }],
    ['"notBefore" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60', {}, S, { notBefore: 'never', expiresIn: 'never' }],
    ['"expiresIn" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60', { aud: 'a' }, S, { expiresIn: 'never', audience: 'b' }],
    ['Bad "options.audience" option. The payload already has an "aud" property.', { aud: 'a', iss: 'a' }, S, { audience: 'b', issuer: 'b' }],
    ['Bad "options.issuer" option. The payload already has an "iss" property.', { iss: 'a', sub: 'a' }, S, { issuer: 'b', subject: 'b' }],
    ['Bad "options.subject" option. The payload already has an "sub" property.', { sub: 'a', jti: 'a' }, S, { subject: 'b', jwtid: 'b' }],
    ['Bad "options.jwtid" option. The payload already has an "jti" property.', { jti: 'a' }, S, { jwtid: 'b' }],
  ];
  for (const [message, payload, key, options] of cases) {
    it(message, () => fails(signing(payload, key, options), Error, message));
  }

  it('an algorithm of the header that is none, after all checks', async () => {
    const message = /^"bar" is not a valid algorithm\.\n {2}Supported algorithms are:\n {2}"HS256", "HS384", "HS512", "RS256", .*"ES512" and "none"\.$/;
    assert.throws(() => jwt.sign({}, SECRET, { header: { alg: 'bar' } }), { name: 'TypeError', message });
    const error = await new Promise((resolve) => jwt.sign({}, SECRET, { header: { alg: 'bar' } }, resolve));
    assert.match(error.message, message);
  });
});

describe('sign writes', () => {
  const parts = (token) => token.split('.').slice(0, 2).map((text) => Buffer.from(text, 'base64url').toString());

  it('alg, typ, kid and the rest of the header in this order', () => {
    const [header] = parts(jwt.sign({}, SECRET, { keyid: 'k', header: { x: 1 } }));
    assert.strictEqual(header, '{"alg":"HS256","typ":"JWT","kid":"k","x":1}');
    assert.strictEqual(parts(jwt.sign('text', SECRET))[0], '{"alg":"HS256"}');
    assert.strictEqual(parts(jwt.sign({}, SECRET, { header: { alg: 'HS384' } }))[0], '{"alg":"HS384","typ":"JWT"}');
  });

  it("the payload's own claims, then iat, nbf, exp, aud, iss, sub, jti", () => {
    const options = { jwtid: 'j', subject: 's', issuer: 'i', audience: ['a'], expiresIn: '2m', notBefore: -1 };
    const [, payload] = parts(jwt.sign({ b: 1, iat: AT, a: 2 }, SECRET, options));
    const expected = `{"b":1,"iat":${AT},"a":2,"nbf":${AT - 1},"exp":${AT + 120},"aud":["a"],"iss":"i","sub":"s","jti":"j"}`;
    assert.strictEqual(payload, expected);
  });

  it('a timespan without a unit as milliseconds, a number as seconds', () => {
    const exp = (expiresIn) => jwt.decode(jwt.sign({ iat: AT }, SECRET, { expiresIn })).exp - AT;
    assert.deepStrictEqual([exp('2000'), exp(2000), exp('1h'), exp('-1s'), exp(0)], [2, 2000, 3600, -1, 0]);
  });

  it('to the payload itself only with mutatePayload', () => {
    const payload = { a: 1 };
    jwt.sign(payload, SECRET, { expiresIn: 1 });
    assert.deepStrictEqual(payload, { a: 1 });
    jwt.sign(payload, SECRET, { expiresIn: 1, mutatePayload: true });
    assert.deepStrictEqual(Object.keys(payload), ['a', 'iat', 'exp']);
  });

  it('no iat with noTimestamp', () => {
    assert.deepStrictEqual(jwt.decode(jwt.sign({ iat: 1 }, SECRET, { noTimestamp: true })), {});
  });

  it('the payload in the encoding that is asked for', () => {
    const [, latin1] = jwt.sign({ a: 'é' }, SECRET, { noTimestamp: true, encoding: 'latin1' }).split('.');
    assert.deepStrictEqual(Buffer.from(latin1, 'base64url'), Buffer.from('{"a":"é"}', 'latin1'));
  });

  it('small RSA keys only where that is allowed', () => {
    const options = { algorithm: 'RS256', allowInsecureKeySizes: true };
    const token = jwt.sign({ a: 1 }, smallRsa.privateKey, options);
    assert.strictEqual(jwt.verify(token, smallRsa.publicKey).a, 1);
  });

  it('with explicit EC parameters', () => {
    const token = jwt.sign({ a: 1 }, explicitP256.privateKey, { algorithm: 'ES256' });
    assert.strictEqual(jwt.verify(token, explicitP256.publicKey).a, 1);
    assert.strictEqual(jwt.verify(token, crypto.createPublicKey(explicitP256.publicKey)).a, 1);
  });

  it('with an encrypted key and its passphrase', () => {
    const key = { key: keys.encrypted, passphrase: keys.passphrase };
    assert.strictEqual(jwt.verify(jwt.sign({ a: 1 }, key, { algorithm: 'RS256' }), rsa.publicKey).a, 1);
  });

  it('the token to a callback in a later tick', (t, done) => {
    let isSameTick = true;
    jwt.sign({ iat: AT }, SECRET, (error, token) => {
      assert.strictEqual(error, null);
      assert.strictEqual(token, jwt.sign({ iat: AT }, SECRET));
      assert.ok(!isSameTick);
      done();
    });
    isSameTick = false;
  });

  it('the token to a callback although all timers and queues are faked', () => {
    // In a process of its own: the runner needs the real ones.
    const program = `
      const jwt = require('../jsonwebtoken');
      require('sinon').useFakeTimers({ now: ${AT * 1000}, toFake: ['setTimeout', 'setImmediate', 'nextTick', 'Date'] });
      jwt.sign({}, 's', (error, token) => require('fs').writeSync(1, String(jwt.decode(token).iat)));
    `;
    const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: __dirname, encoding: 'utf8' });
    assert.strictEqual(stdout, String(AT));
  });
});

describe('verify refuses, in this order', () => {
  const S = SECRET;
  const J = JsonWebTokenError;
  const good = raw('{"a":1}');
  const badSignature = `${good.slice(0, -3)}AAA`;
  const cases = [
    ['clockTimestamp must be a number', undefined, S, { clockTimestamp: 'now', nonce: '' }],
    ['nonce must be a non-empty string', undefined, S, { nonce: ' ', allowInvalidAsymmetricKeyTypes: 1 }],
    ['nonce must be a non-empty string', good, S, { nonce: null }],
    ['allowInvalidAsymmetricKeyTypes must be a boolean', undefined, S, { allowInvalidAsymmetricKeyTypes: 1 }],
    ['jwt must be provided', undefined, S, {}],
    ['jwt must be provided', '', S, {}],
    ['jwt must be a string', 5, S, {}],
    ['jwt malformed', 'a.b', S, {}],
    ['jwt malformed', 'a.b.c.d', S, {}],
    ['invalid token', 'fruit.fruit.fruit', undefined, {}],
    ['invalid token', `${good} `, S, {}],
    ['jwt signature is required', unsigned('{}'), S, { algorithms: ['none'] }],
    ['secret or public key must be provided', good, undefined, {}],
    ['secret or public key must be provided', good, '', { algorithms: ['none'] }],
    ['please specify "none" in "algorithms" to verify unsigned tokens', unsigned('{}'), undefined, {}],
    ['secretOrPublicKey is not valid key material', good, 5, { algorithms: [] }],
    ['secretOrPublicKey is not valid key material', good, {}, {}],
    ['invalid algorithm', good, rsa.publicKey, {}],
    ['invalid algorithm', good, S, { algorithms: ['HS384'] }],
    ['invalid algorithm', ofRsa, p256.publicKey, {}],
    ['invalid algorithm', ofRsa, S, {}],
    ['secretOrPublicKey must be a symmetric key when using HS256', good, rsa.publicKey, { algorithms: ['HS256'] }],
    ['secretOrPublicKey must be an asymmetric key when using RS256', ofRsa, S, { algorithms: ['RS256'] }],
    ['secretOrPublicKey must be an asymmetric key when using RS256', ofRsa, crypto.createPrivateKey(rsa.privateKey), {}],
    ['invalid signature', badSignature, S, { audience: 'x' }],
    ['invalid signature', ofRsa, keys.otherRsa.publicKey, {}],
    ['invalid nbf value', raw('{"nbf":"1","exp":"1"}'), S, {}],
    ['invalid exp value', raw('{"exp":"1","aud":"a"}'), S, { audience: 'b' }],
    ['jwt audience invalid. expected: x or /y/', raw('{"aud":["a"],"iss":"b"}'), S, { audience: ['x', /y/], issuer: 'i' }],
    ['jwt issuer invalid. expected: i', raw('{"sub":"a"}'), S, { issuer: 'i', subject: 's' }],
    ['jwt issuer invalid. expected: i,k', raw('{"iss":"a"}'), S, { issuer: ['i', 'k'] }],
    ['jwt subject invalid. expected: s', raw('{}'), S, { subject: 's', jwtid: 'j' }],
    ['jwt jwtid invalid. expected: j', raw('{}'), S, { jwtid: 'j', nonce: 'n' }],
    ['jwt nonce invalid. expected: n', raw('{}'), S, { nonce: 'n', maxAge: 1 }],
    ['iat required when maxAge is specified', raw('{}'), S, { maxAge: {} }],
    ['"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60', raw('{"iat":1}'), S, { maxAge: 'never' }],
  ];
  for (const [message, token, key, options] of cases) {
    it(message, () => {
      fails(verifying(token, key, options), J, message);
      // Once more, with a header and a key that are known.
      fails(verifying(token, key, options), J, message);
    });
  }

  it('payloads that are no JSON, before the key is looked at', () => {
    const token = unsigned('{', '{"alg":"none","typ":"JWT"}');
    for (const key of [undefined, SECRET, () => assert.fail('the key was asked for')]) {
      assert.throws(() => jwt.verify(token, key), SyntaxError);
      jwt.verify(token, key, (error) => assert.ok(error instanceof SyntaxError));
    }
  });

  it('keys of other types and curves with a plain error', () => {
    const cases = [
      ['Unknown key type "dsa".', ofRsa, dsa.publicKey, {}],
      ['Unknown key type "ed25519".', ofRsa, ed25519.publicKey, {}],
      ['"alg" parameter "ES256" requires curve "prime256v1".', jwt.sign({}, p256.privateKey, { algorithm: 'ES256' }), p384.publicKey, {}],
    ];
    for (const [message, ...args] of cases) fails(verifying(...args), Error, message);
  });

  it('EC signatures of another length with a TypeError', () => {
    const token = jwt.sign({}, p256.privateKey, { algorithm: 'ES256' });
    fails(verifying(token.slice(0, -2), p256.publicKey), TypeError, '"ES256" signatures must be "64" bytes, saw "63"');
  });

  it('names that are no algorithm with a TypeError', () => {
    const token = raw('{}', '{"alg":"foo"}');
    assert.throws(() => jwt.verify(token, SECRET, { algorithms: ['foo'] }), { name: 'TypeError', message: /^"foo" is not a valid algorithm/ });
  });

  it('what is not active yet, with its date', () => {
    const date = new Date((AT + 2) * 1000);
    const token = raw(`{"nbf":${AT + 2},"exp":${AT - 1}}`);
    fails(verifying(token, SECRET, { clockTimestamp: AT, clockTolerance: 1 }), NotBeforeError, 'jwt not active', { date });
    assert.ok(jwt.verify(raw(`{"nbf":${AT + 2}}`), SECRET, { clockTimestamp: AT, clockTolerance: 2 }));
    assert.ok(jwt.verify(raw(`{"nbf":${AT + 2}}`), SECRET, { clockTimestamp: AT, ignoreNotBefore: true }));
  });

  it('what is expired, with its date', () => {
    const expiredAt = new Date((AT - 1) * 1000);
    const token = raw(`{"exp":${AT - 1}}`);
    fails(verifying(token, SECRET, { clockTimestamp: AT, clockTolerance: 1 }), TokenExpiredError, 'jwt expired', { expiredAt });
    assert.ok(jwt.verify(token, SECRET, { clockTimestamp: AT, clockTolerance: 2 }));
    assert.ok(jwt.verify(token, SECRET, { clockTimestamp: AT, ignoreExpiration: true }));
  });

  it('what is older than maxAge, with the date on which it came to be', () => {
    const expiredAt = new Date(AT * 1000);
    fails(verifying(raw(`{"iat":${AT - 10}}`), SECRET, { clockTimestamp: AT, maxAge: '10s' }), TokenExpiredError, 'maxAge exceeded', { expiredAt });
    assert.ok(jwt.verify(raw(`{"iat":${AT - 10}}`), SECRET, { clockTimestamp: AT, maxAge: 11 }));
  });
});

describe('verify gives', () => {
  it('header, payload and signature with complete', () => {
    const token = raw('{"a":1}', '{"alg":"HS256","typ":"JWT","kid":"k"}');
    const expected = { header: { alg: 'HS256', typ: 'JWT', kid: 'k' }, payload: { a: 1 }, signature: token.split('.')[2] };
    for (let n = 0; n < 3; n += 1) assert.deepStrictEqual(jwt.verify(token, SECRET, { complete: true }), expected);
    assert.deepStrictEqual(jwt.verify(token, SECRET, { complete: 'yes' }), { a: 1 });
  });

  it('a new object every time', () => {
    const token = raw('{"a":1}');
    for (let n = 0; n < 3; n += 1) {
      const claims = jwt.verify(token, SECRET);
      assert.deepStrictEqual(claims, { a: 1 });
      claims.a = 'changed by a caller';
    }
  });

  it('the options back as they were', () => {
    const options = Object.freeze({ typ: 'JWT', algorithms: Object.freeze(['none']) });
    assert.deepStrictEqual(jwt.verify(unsigned('{}'), null, options), {});
    assert.deepStrictEqual(jwt.verify(raw('{}'), SECRET, Object.freeze({})), {});
  });

  it('an own claim named __proto__', () => {
    assert.deepStrictEqual(Object.keys(jwt.verify(raw('{"__proto__":{"x":1}}'), SECRET)), ['__proto__']);
  });

  it('the clock of the moment of the call', () => {
    const clock = sinon.useFakeTimers({ now: AT * 1000 });
    try {
      const token = jwt.sign({}, SECRET, { expiresIn: 10 });
      assert.strictEqual(jwt.decode(token).iat, AT);
      clock.tick(9000);
      assert.ok(jwt.verify(token, SECRET));
      clock.tick(1000);
      assert.throws(() => jwt.verify(token, SECRET), TokenExpiredError);
    } finally {
      clock.restore();
    }
  });

  it('claims to a callback in the same tick', () => {
    let seen;
    const returned = jwt.verify(raw('{"a":1}'), SECRET, (error, claims) => {
      seen = [error, claims];
      return 'returned';
    });
    assert.deepStrictEqual(seen, [null, { a: 1 }]);
    assert.strictEqual(returned, 'returned');
  });

  it('what a callback throws, once and as it is', () => {
    let calls = 0;
    const thrown = new Error('of the caller');
    assert.throws(() => jwt.verify(raw('{}'), SECRET, () => { calls += 1; throw thrown; }), thrown);
    assert.throws(() => jwt.verify('x', SECRET, () => { calls += 1; throw thrown; }), thrown);
    assert.throws(() => jwt.sign({}, '', () => { calls += 1; throw thrown; }), thrown);
    assert.strictEqual(calls, 3);
  });
});

describe('a key that is looked up', () => {
  const token = raw('{"a":1}', '{"alg":"HS256","typ":"JWT","kid":"k"}');

  it('is asked for with the header, and answers now or later', async () => {
    const now = (header, answer) => answer(null, header.kid === 'k' ? SECRET : undefined);
    const later = (header, answer) => setImmediate(now, header, answer);
    for (const getKey of [now, later]) {
      const claims = await new Promise((resolve, reject) => {
        jwt.verify(token, getKey, { algorithms: ['HS256'] }, (error, found) => (error ? reject(error) : resolve(found)));
      });
      assert.deepStrictEqual(claims, { a: 1 });
    }
  });

  it('needs a callback', () => {
    const message = 'verify must be called asynchronous if secret or public key is provided as a callback';
    assert.throws(() => jwt.verify(token, () => {}), { name: 'JsonWebTokenError', message });
  });

  it('may fail', () => {
    const getKey = (header, answer) => answer(new Error('no such key'));
    jwt.verify(token, getKey, (error, claims) => {
      assert.strictEqual(error.message, 'error in secret or public key callback: no such key');
      assert.strictEqual(claims, undefined);
    });
  });

  it('is not asked for when the token is none', () => {
    const getKey = () => assert.fail('the key was asked for');
    for (const bad of [undefined, 'a.b', 'fruit.fruit.fruit']) {
      jwt.verify(bad, getKey, (error) => assert.ok(error instanceof JsonWebTokenError));
    }
  });
});

describe('decode', () => {
  it('reads without verifying, and gives null for what is no token', () => {
    const token = raw('{"a":1}');
    assert.deepStrictEqual(jwt.decode(token), { a: 1 });
    assert.deepStrictEqual(Object.keys(jwt.decode(token, { complete: true })), ['header', 'payload', 'signature']);
    for (const none of [undefined, null, '', 'a.b', 5, {}, 'fruit.fruit.fruit']) assert.strictEqual(jwt.decode(none), null);
  });

  it('reads a payload as JSON where the header or the caller says so', () => {
    const text = unsigned('{"a":', '{"alg":"none"}');
    assert.strictEqual(jwt.decode(text), '{"a":');
    assert.throws(() => jwt.decode(text, { json: true }), SyntaxError);
    assert.throws(() => jwt.decode(unsigned('{', '{"typ":"JWT"}')), SyntaxError);
    assert.strictEqual(jwt.decode(unsigned('5')), '5');
    assert.strictEqual(jwt.decode(unsigned('5'), { json: true }), 5);
  });
});

describe('errors', () => {
  it('have name, message and their date as own enumerable properties', () => {
    const inner = new Error('inner');
    assert.deepStrictEqual({ ...new JsonWebTokenError('m', inner) }, { name: 'JsonWebTokenError', message: 'm', inner });
    assert.deepStrictEqual({ ...new JsonWebTokenError('m') }, { name: 'JsonWebTokenError', message: 'm' });
    const date = new Date(0);
    assert.deepStrictEqual({ ...new NotBeforeError('m', date) }, { name: 'NotBeforeError', message: 'm', date });
    assert.deepStrictEqual({ ...new TokenExpiredError('m', date) }, { name: 'TokenExpiredError', message: 'm', expiredAt: date });
    assert.strictEqual(String(new TokenExpiredError('m', date)), 'TokenExpiredError: m');
  });
});
