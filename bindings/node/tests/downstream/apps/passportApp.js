// A site on express whose callers carry tokens that passport-jwt reads.
'use strict';

const crypto = require('node:crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { Passport } = require('passport');
const { ExtractJwt, Strategy } = require('passport-jwt');

const FOR = { audience: 'shop', issuer: 'https://login.example' };

function createApp(site) {
  const revoked = new Set();
  const token = (name, use, expiresIn) => {
    const { algorithm, signing, kid } = site.keys;
    const options = { ...FOR, algorithm, expiresIn, jwtid: crypto.randomUUID(), ...(kid && { keyid: kid }) };
    return jwt.sign({ name, use }, signing, options);
  };
  const keyOf = (req, raw, done) => done(null, site.verifying(jwt.decode(raw, { complete: true })?.header.kid));
  const strategy = new Strategy(
    {
      ...FOR,
      algorithms: [site.keys.algorithm],
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: keyOf,
    },
    (claims, done) => (revoked.has(claims.jti) ? done(null, false, new Error('revoked')) : done(null, claims)),
  );
  const passport = new Passport().use(strategy);
  // With a function of its own, because passport's answer leaves the reason out.
  const entrance = (req, res, next) => {
    const judged = (error, user, why) => {
      if (user) req.user = user;
      else if (error ?? why) {
        const { name, message } = error ?? why;
        return res.status(401).json({ name, message });
      }
      return next();
    };
    // What the strategy throws ends here, as it would with express.
    try {
      passport.authenticate('jwt', { session: false }, judged)(req, res, next);
    } catch (error) {
      judged(error);
    }
  };
  const only = (use) => (req, res, next) => (req.user.use === use ? next() : res.sendStatus(403));

  const app = express();
  app.use(express.json());
  app.post('/login', (req, res) => {
    const { name, password } = req.body;
    if (password !== 'correct horse') return res.sendStatus(401);
    return res.json({ access: token(name, 'access', '5m'), refresh: token(name, 'refresh', '1d') });
  });
  app.post('/refresh', entrance, only('refresh'), (req, res) => {
    res.json({ access: token(req.user.name, 'access', '5m') });
  });
  app.post('/logout', entrance, (req, res) => {
    revoked.add(req.user.jti);
    res.sendStatus(204);
  });
  app.get('/me', entrance, only('access'), (req, res) => res.json({ name: req.user.name }));
  return app;
}

async function start(site) {
  const server = createApp(site).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

module.exports = { start };
