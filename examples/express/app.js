// The routes: signing in, a new token for an old one, and a room that needs a token.
'use strict';

const express = require('express');
const jwt = require('keytide/jsonwebtoken');

const ISSUER = 'https://shop.example';
// Two audiences, so that neither kind of token is ever taken for the other.
const ACCESS = { audience: 'shop', issuer: ISSUER };
const REFRESH = { audience: 'shop/refresh', issuer: ISSUER };
const ACCESS_SECONDS = 15 * 60;
const REFRESH_SECONDS = 24 * 60 * 60;
// What says nothing about the token: there are no keys to judge it with.
const NO_KEYS = new Set(['fetch_failed', 'fetch_timed_out', 'stale', 'bad_answer', 'set_refused', 'no_usable_key']);

/** Your users are elsewhere, their passwords hashed. */
const isRight = (name, password) => name === 'alice' && password === 'correct horse';

/** `keys.ring()` is the ring as it is now; ask for it each time. */
function createApp(keys) {
  // With a callback, because the server signs for a ring of key pairs, and an unknown `kid` may be fetched.
  const sign = (name, options) =>
    new Promise((resolve, reject) => {
      jwt.sign({}, keys.ring(), { ...options, subject: name }, (error, token) =>
        error ? reject(error) : resolve(token),
      );
    });
  const verify = (token, options) =>
    new Promise((resolve, reject) => {
      jwt.verify(token, keys.ring(), options, (error, claims) => (error ? reject(error) : resolve(claims)));
    });
  const tokens = async (name) => ({
    access_token: await sign(name, { ...ACCESS, expiresIn: ACCESS_SECONDS }),
    refresh_token: await sign(name, { ...REFRESH, expiresIn: REFRESH_SECONDS }),
    token_type: 'Bearer',
    expires_in: ACCESS_SECONDS,
  });

  async function needsToken(req, res, next) {
    const [scheme, token] = (req.get('authorization') ?? '').split(' ');
    if (scheme.toLowerCase() !== 'bearer' || !token) {
      res.set('WWW-Authenticate', 'Bearer realm="shop"');
      return res.status(401).json({ error: 'a Bearer token is needed' });
    }
    req.caller = await verify(token, ACCESS);
    return next();
  }

  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());
  app.post('/login', async (req, res) => {
    const { name, password } = req.body ?? {};
    if (!isRight(name, password)) return res.status(401).json({ error: 'the name or the password is wrong' });
    return res.json(await tokens(name));
  });
  app.post('/refresh', async (req, res) => {
    const { sub } = await verify(req.body?.refresh_token, REFRESH);
    res.json(await tokens(sub));
  });
  app.get('/me', needsToken, (req, res) => res.json({ name: req.caller.sub }));
  app.get('/ready', (req, res) => {
    // `keytide run` believes this more than a signal that was sent.
    const epochs = keys.epochs();
    if (epochs) res.set('Keytide-Epochs', epochs);
    res.json({ ready: true });
  });
  app.use((error, req, res, next) => {
    if (NO_KEYS.has(error.inner?.code ?? error.code)) {
      return res.status(503).json({ error: 'the keys cannot be had at the moment' });
    }
    if (!(error instanceof jwt.JsonWebTokenError)) return next(error);
    res.set('WWW-Authenticate', 'Bearer realm="shop", error="invalid_token"');
    return res.status(401).json({ error: error.message });
  });
  return app;
}

module.exports = { createApp };
