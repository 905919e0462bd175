// The programs that tutorials show run unchanged, with a secret as `keytide secret` makes it.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const { describe, it } = require('node:test');

const jwt = require('../jsonwebtoken');

const env = {
  JWT_SECRET: process.env.KEYTIDE_TEST_SECRET ?? crypto.randomBytes(32).toString('base64url'),
};

describe('a tutorial', () => {
  it('signs with a secret from the environment and verifies in try and catch', () => {
    const process = { env };
    const token = jwt.sign({ sub: '1234567890' }, process.env.JWT_SECRET, { expiresIn: '1h' });
    let claims;
    try {
      claims = jwt.verify(token, process.env.JWT_SECRET);
    } catch (error) {
      assert.fail(error);
    }
    assert.strictEqual(claims.sub, '1234567890');
    assert.strictEqual(claims.exp - claims.iat, 3600);
    try {
      jwt.verify(token, 'another secret');
      assert.fail('accepted');
    } catch (error) {
      assert.deepStrictEqual([error.name, error.message], ['JsonWebTokenError', 'invalid signature']);
    }
  });

  it('guards a route with a middleware', () => {
    function authenticateToken(req, res, next) {
      const authHeader = req.headers['authorization'];
      const token = authHeader && authHeader.split(' ')[1];
      if (token == null) return res.sendStatus(401);
      jwt.verify(token, env.JWT_SECRET, (err, user) => {
        if (err) return res.sendStatus(403);
        req.user = user;
        next();
      });
      return undefined;
    }
    const ask = (authorization) => {
      let outcome;
      const req = { headers: { authorization } };
      authenticateToken(req, { sendStatus: (status) => { outcome = status; } }, () => { outcome = req.user.username; });
      return outcome;
    };
    const token = jwt.sign({ username: 'ada' }, env.JWT_SECRET, { expiresIn: '1800s' });
    const expired = jwt.sign({ username: 'ada' }, env.JWT_SECRET, { expiresIn: -1 });
    assert.deepStrictEqual([ask(`Bearer ${token}`), ask(undefined), ask(`Bearer ${expired}`), ask('Bearer x')], ['ada', 401, 403, 403]);
  });

  it('signs with RS256 in a callback and looks the key up by kid', async () => {
    const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const token = await new Promise((resolve, reject) => {
      jwt.sign({ foo: 'bar' }, privateKey, { algorithm: 'RS256', keyid: 'k' }, (err, signed) => (err ? reject(err) : resolve(signed)));
    });
    const getKey = (header, callback) => callback(null, header.kid === 'k' ? publicKey : undefined);
    const decoded = await new Promise((resolve, reject) => {
      jwt.verify(token, getKey, (err, claims) => (err ? reject(err) : resolve(claims)));
    });
    assert.strictEqual(decoded.foo, 'bar');
  });
});
