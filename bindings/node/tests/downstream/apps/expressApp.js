// A site on express whose callers carry tokens that express-jwt reads.
'use strict';

const crypto = require('node:crypto');
const express = require('express');
const { expressjwt } = require('express-jwt');
const jwt = require('jsonwebtoken');

const FOR = { audience: 'shop', issuer: 'https://login.example' };

function createApp(site) {
  const revoked = new Set();
  const token = (name, use, expiresIn) => {
    const { algorithm, signing, kid } = site.keys;
    const options = { ...FOR, algorithm, expiresIn, jwtid: crypto.randomUUID(), ...(kid && { keyid: kid }) };
    return jwt.sign({ name, use }, signing, options);
  };
  const entrance = expressjwt({
    ...FOR,
    algorithms: [site.keys.algorithm],
    secret: (req, unverified) => site.verifying(unverified?.header.kid),
    isRevoked: (req, { payload }) => revoked.has(payload.jti),
  });
  const only = (use) => (req, res, next) => (req.auth.use === use ? next() : res.sendStatus(403));

  const app = express();
  app.use(express.json());
  app.post('/login', (req, res) => {
    const { name, password } = req.body;
    if (password !== 'correct horse') return res.sendStatus(401);
    return res.json({ access: token(name, 'access', '5m'), refresh: token(name, 'refresh', '1d') });
  });
  app.post('/refresh', entrance, only('refresh'), (req, res) => {
    res.json({ access: token(req.auth.name, 'access', '5m') });
  });
  app.post('/logout', entrance, (req, res) => {
    revoked.add(req.auth.jti);
    res.sendStatus(204);
  });
  app.get('/me', entrance, only('access'), (req, res) => res.json({ name: req.auth.name }));
  app.use((error, req, res, next) => {
    if (error.name !== 'UnauthorizedError') return next(error);
    const { name, message } = error.inner ?? error;
    return res.status(error.status).json({ name, message, code: error.code });
  });
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
