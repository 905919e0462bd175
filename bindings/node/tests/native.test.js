// The native API: keys, policies that must be chosen, the cache, errors with code and hint.
'use strict';

const assert = require('node:assert');
const { inspect } = require('node:util');
const { describe, it } = require('node:test');

const keytide = require('..');
const jwt = require('../jsonwebtoken');
const { p256, rsa } = require('./keys');

const { createSigner, createVerifier, KeytideError, Ring, SigningKey, VerifyingKey } = keytide;
const SECRET = 'a-secret-that-is-32-bytes-or-more!';
const EXPECTED = { issuer: 'https://id.example', audience: 'api', typ: 'JWT' };
const AT = 1_900_000_000;

function code(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof KeytideError, error.stack);
    assert.ok(error.hint.length > 10 && error.message.length > 5, `${error.code} lacks words`);
    return error.code;
  }
  return 'nothing thrown';
}

/** Runs `call` while the clock says `seconds`. */
function at(seconds, call) {
  const { now } = Date;
  Date.now = () => seconds * 1000;
  try {
    return call();
  } finally {
    Date.now = now;
  }
}

const pairs = [
  ...['HS256', 'HS512', 'RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'ML-DSA-44'].map((alg) =>
    SigningKey.generate(alg),
  ),
  SigningKey.fromSecret('HS256', SECRET, { kid: 'k' }),
  SigningKey.fromPem('ES256', p256.privateKey, { kid: 'p' }),
  SigningKey.fromPem('RS512', Buffer.from(rsa.privateKey)),
];

describe('keys', () => {
  for (const key of pairs) {
    it(`${key.algorithm} ${key.kid ?? 'without a kid'} signs what its other half verifies`, () => {
      const sign = createSigner({ key, issuer: EXPECTED.issuer, audience: 'api', expiresIn: 60 });
      const verify = createVerifier({ key: key.verifyingKey(), ...EXPECTED });
      const token = sign({ sub: 'a' });
      assert.strictEqual(verify(token).sub, 'a');
      assert.strictEqual(jwt.decode(token, { complete: true }).header.kid, key.kid);
      const [head, payload, signature] = token.split('.');
      const other = signature[4] === 'A' ? 'B' : 'A';
      const broken = [head, payload, signature.slice(0, 4) + other + signature.slice(5)].join('.');
      assert.strictEqual(code(() => verify(broken)), 'bad_signature');
    });
  }

  it('go through JWKs, and public ones are public', () => {
    const key = SigningKey.generate('ES256');
    const jwk = key.verifyingKey().publicJwk();
    assert.deepStrictEqual([jwk.kty, jwk.alg, jwk.use, jwk.kid, 'd' in jwk], ['EC', 'ES256', 'sig', key.kid, false]);
    assert.strictEqual(VerifyingKey.fromJwk(jwk).kid, key.kid);
    assert.strictEqual(VerifyingKey.fromSecret('HS256', SECRET).publicJwk(), null);
    const secret = { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), alg: 'HS256', kid: 'o' };
    assert.strictEqual(SigningKey.fromJwk(secret).kid, 'o');
    assert.strictEqual(SigningKey.fromPem('ES256', key.toPem()).verifyingKey().publicJwk().x, jwk.x);
  });

  it('are refused with a reason', () => {
    assert.strictEqual(code(() => SigningKey.fromSecret('HS256', 'short')), 'weak_key');
    assert.strictEqual(code(() => VerifyingKey.fromSecret('HS256', rsa.publicKey)), 'invalid_key');
    assert.strictEqual(code(() => SigningKey.fromPem('ES256', rsa.privateKey)), 'key_alg_mismatch');
    assert.strictEqual(code(() => SigningKey.fromPem('RS256', 'text')), 'invalid_key');
    assert.strictEqual(code(() => SigningKey.generate('none')), 'alg_not_allowed');
    assert.strictEqual(code(() => SigningKey.fromSecret('HS256', 5)), 'bad_option');
    assert.strictEqual(code(() => new SigningKey({})), 'bad_option');
  });

  it('show nothing of themselves', () => {
    const shown = inspect(SigningKey.fromSecret('HS256', SECRET), { showHidden: true, depth: 9 });
    assert.ok(!shown.includes(SECRET) && !shown.includes(Buffer.from(SECRET).toString('hex').slice(0, 12)), shown);
  });
});

describe('a verifier', () => {
  const key = SigningKey.fromSecret('HS256', SECRET);
  const verifying = key.verifyingKey();
  const raw = (claims, header = {}) => jwt.sign(claims, SECRET, { noTimestamp: claims.iat === undefined, header });
  const good = { iss: EXPECTED.issuer, aud: 'api', exp: AT + 60 };
  const codes = (claims, options = EXPECTED, header = undefined) =>
    at(AT, () => code(() => createVerifier({ key: verifying, ...options })(raw(claims, header))));

  it('wants issuer, audience and type chosen, or waived by name', () => {
    for (const name of ['issuer', 'audience', 'typ']) {
      const { [name]: _, ...rest } = EXPECTED;
      assert.strictEqual(code(() => createVerifier({ key: verifying, ...rest })), 'policy_incomplete');
      assert.strictEqual(code(() => createVerifier({ key: verifying, ...rest, [name]: '' })), 'policy_incomplete');
      const waiver = `any${name[0].toUpperCase()}${name.slice(1)}`;
      createVerifier({ key: verifying, ...rest, danger: { [waiver]: true } });
      assert.strictEqual(code(() => createVerifier({ key: verifying, ...EXPECTED, danger: { [waiver]: true } })), 'policy_incomplete');
    }
    assert.strictEqual(code(() => createVerifier({ key: verifying, ...EXPECTED, ignoreExpiration: true })), 'bad_option');
    assert.strictEqual(code(() => createVerifier({ key: verifying, ...EXPECTED, danger: { any: true } })), 'bad_option');
    assert.strictEqual(code(() => createVerifier({ key: SECRET, ...EXPECTED })), 'bad_option');
    assert.strictEqual(code(() => createVerifier({ key: verifying, ...EXPECTED, leeway: 61 })), 'leeway_too_large');
  });

  it('says why a token is refused', () => {
    assert.strictEqual(codes(good), 'nothing thrown');
    assert.strictEqual(codes({ ...good, iss: 'x' }), 'iss_mismatch');
    assert.strictEqual(codes({ ...good, aud: ['x'] }), 'aud_mismatch');
    assert.strictEqual(codes({ ...good, exp: AT }), 'expired');
    assert.strictEqual(codes({ ...good, nbf: AT + 1 }), 'not_yet_valid');
    assert.strictEqual(codes({ ...good, iat: AT + 1 }), 'issued_in_future');
    assert.strictEqual(codes({ iss: good.iss, aud: 'api' }), 'missing_claim');
    assert.strictEqual(codes(good, { ...EXPECTED, typ: 'at+jwt' }), 'typ_mismatch');
    assert.strictEqual(codes(good, { ...EXPECTED, required: ['sub'] }), 'missing_claim');
    assert.strictEqual(codes({ ...good, iat: AT - 11 }, { ...EXPECTED, maxAge: '10s' }), 'too_old');
    assert.strictEqual(codes(good, EXPECTED, { crit: ['x'], x: 1 }), 'crit_unsupported');
    assert.strictEqual(codes({ ...good, nbf: AT + 1 }, { ...EXPECTED, leeway: 2 }), 'nothing thrown');
    // With everything waived, times still hold.
    const waived = { danger: { anyIssuer: true, anyAudience: true, anyTyp: true, noExpiry: true } };
    assert.strictEqual(codes({}, waived), 'nothing thrown');
    assert.strictEqual(codes({ exp: AT - 1 }, waived), 'expired');
    assert.strictEqual(codes({ nbf: AT + 1 }, waived), 'not_yet_valid');
    assert.strictEqual(code(() => createVerifier({ key: verifying, ...EXPECTED })(undefined)), 'malformed_token');
  });

  it('that remembers tokens checks their time at every hit', () => {
    const verify = createVerifier({ key: verifying, ...EXPECTED, cache: true });
    const token = raw({ ...good, nbf: AT - 10 });
    const claims = at(AT, () => verify(token));
    assert.strictEqual(at(AT + 59, () => verify(token)), claims);
    assert.ok(Object.isFrozen(claims));
    assert.strictEqual(at(AT + 60, () => code(() => verify(token))), 'expired');
    assert.strictEqual(at(AT - 11, () => code(() => verify(token))), 'not_yet_valid');
    assert.strictEqual(at(AT, () => code(() => verify(`${token}A`))), 'bad_signature');
    const old = createVerifier({ key: verifying, ...EXPECTED, cache: true, maxAge: 10 });
    const young = raw({ ...good, iat: AT });
    at(AT, () => old(young));
    assert.strictEqual(at(AT + 11, () => code(() => old(young))), 'too_old');
  });

  it('that remembers tokens holds no more than it may', () => {
    const verify = createVerifier({ key: verifying, ...EXPECTED, cache: { maxBytes: 20_000 } });
    const tokens = Array.from({ length: 100 }, (_, n) => raw({ ...good, jti: String(n) }));
    const first = at(AT, () => verify(tokens[0]));
    at(AT, () => tokens.forEach((token) => verify(token)));
    assert.notStrictEqual(at(AT, () => verify(tokens[0])), first);
    assert.deepStrictEqual(at(AT, () => verify(tokens[0])), first);
  });

  it('gives each caller claims of their own unless it remembers', () => {
    const verify = createVerifier({ key: verifying, ...EXPECTED });
    const token = raw(good);
    const claims = at(AT, () => verify(token));
    claims.iss = 'changed';
    assert.strictEqual(at(AT, () => verify(token)).iss, EXPECTED.issuer);
  });
});

describe('a signer', () => {
  const key = SigningKey.fromSecret('HS256', SECRET);

  it('writes what it was told, and leaves what the caller said', () => {
    const sign = createSigner({ key, issuer: 'i', audience: ['a'], subject: 's', expiresIn: '1m', notBefore: 0, jti: true, typ: 'at+jwt' });
    const { header, payload } = jwt.decode(at(AT, () => sign({ sub: 'own', a: 1 })), { complete: true });
    const { jti, ...rest } = payload;
    assert.deepStrictEqual(rest, { sub: 'own', a: 1, iat: AT, nbf: AT, exp: AT + 60, iss: 'i', aud: ['a'] });
    assert.match(jti, /^[0-9a-f-]{36}$/);
    assert.deepStrictEqual(header, { alg: 'HS256', typ: 'at+jwt' });
  });

  it('issues nothing that no verifier accepts', () => {
    const sign = createSigner({ key });
    for (const claims of [null, 5, [], { exp: 'x' }, { iat: NaN }, { sub: 1 }, { aud: [1] }, { jti: {} }]) {
      assert.strictEqual(code(() => sign(claims)), 'invalid_claim_type');
    }
    assert.strictEqual(code(() => createSigner({ key, expiresIn: '60' })), 'bad_option');
    assert.strictEqual(code(() => createSigner({ key, algorithm: 'HS256' })), 'bad_option');
    assert.strictEqual(code(() => createSigner({ key: SECRET })), 'bad_option');
  });

  it('and a verifier have forms with a promise', async () => {
    const sign = createSigner({ key, issuer: EXPECTED.issuer, audience: 'api', expiresIn: 60 });
    const verify = createVerifier({ key: key.verifyingKey(), ...EXPECTED });
    assert.strictEqual((await verify.async(await sign.async({ sub: 'a' }))).sub, 'a');
    await assert.rejects(verify.async('x'), KeytideError);
  });
});

describe('a ring from the environment', () => {
  const env = { JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: 'another-secret-that-is-32-bytes-or-more' };
  const ring = Ring.fromEnv({ env });

  it('signs with one secret and verifies with all, in both packages', () => {
    const token = jwt.sign({ a: 1 }, ring, { expiresIn: '1h', issuer: EXPECTED.issuer, audience: 'api' });
    assert.strictEqual(jwt.verify(token, ring).a, 1);
    assert.strictEqual(jwt.verify(token, SECRET).a, 1);
    assert.strictEqual(createVerifier({ ring, ...EXPECTED })(token).a, 1);
    assert.strictEqual(jwt.verify(jwt.sign({ a: 2 }, env.JWT_SECRET_PREVIOUS), ring).a, 2);
    assert.throws(() => jwt.verify(jwt.sign({}, 'a third secret'), ring), { message: 'invalid signature' });
    assert.throws(() => jwt.verify(jwt.sign({}, SECRET, { algorithm: 'HS384' }), ring), { message: 'invalid algorithm' });
    assert.throws(() => jwt.verify(token, ring, { algorithms: ['RS256'] }), { message: 'invalid algorithm' });
    assert.throws(() => jwt.verify(token, ring, { audience: 'x' }), { message: 'jwt audience invalid. expected: x' });
    assert.throws(() => jwt.verify(`${token.slice(0, token.lastIndexOf('.'))}.`, ring), { message: 'jwt signature is required' });
  });

  it('chooses key and algorithm itself', () => {
    assert.throws(() => jwt.sign({}, ring, { algorithm: 'HS512' }), { message: 'the ring signs with HS256, not with HS512' });
    assert.throws(() => jwt.sign({}, ring, { keyid: 'k' }), { message: '"keyid" is the ring\'s to choose' });
    assert.throws(() => jwt.sign({}, ring, { header: { alg: 'none' } }), { message: '"alg" in the header is the ring\'s to choose' });
    assert.throws(() => jwt.sign({}, ring, { expiresIn: '' }), /"expiresIn" should be/);
  });

  it('takes a JWK Set, and names the variable that is missing or unusable', () => {
    const key = SigningKey.generate('ES256');
    const jwk = { ...key.verifyingKey().publicJwk() };
    const verifyOnly = Ring.fromEnv({ env: { JWT_KEYS: JSON.stringify({ keys: [jwk] }) } });
    const token = createSigner({ key })({ a: 1 });
    assert.strictEqual(jwt.verify(token, verifyOnly).a, 1);
    assert.throws(() => jwt.sign({}, verifyOnly), { code: 'verify_only' });
    assert.strictEqual(code(() => Ring.fromEnv({ env: {} })), 'env_missing');
    assert.strictEqual(code(() => Ring.fromEnv({ env: { JWT_SECRET: 'short' } })), 'env_unusable');
    const named = Ring.fromEnv({ env: { S: SECRET }, secret: 'S', algorithm: 'HS256' });
    assert.strictEqual(jwt.verify(jwt.sign({ a: 1 }, named), SECRET).a, 1);
  });

  it('of keys that are there has their kid and their JWK Set', () => {
    const [active, former] = [SigningKey.generate('ES256'), SigningKey.generate('EdDSA')];
    const keys = Ring.fromKeys({ signing: active, verifying: [former.verifyingKey()] });
    const token = jwt.sign({ a: 1 }, keys);
    assert.strictEqual(jwt.decode(token, { complete: true }).header.kid, active.kid);
    assert.strictEqual(jwt.verify(token, keys).a, 1);
    assert.strictEqual(jwt.verify(createSigner({ key: former })({ b: 2 }), keys).b, 2);
    assert.deepStrictEqual(keys.jwks().keys.map(({ kid }) => kid).sort(), [active.kid, former.kid].sort());
    const stranger = createSigner({ key: SigningKey.generate('ES256') })({});
    assert.throws(() => jwt.verify(stranger, keys), ({ inner }) => inner.code === 'unknown_kid');
  });

  it('is of no use when it is closed', () => {
    const closed = Ring.fromEnv({ env });
    closed.close();
    assert.strictEqual(code(() => closed.status()), 'ring_closed');
  });
});
