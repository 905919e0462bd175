'use strict';

const Koa = require('koa');
const Router = require('@koa/router');
const koaJwt = require('koa-jwt');
const jsonwebtoken = require('jsonwebtoken');

const settings = {
  port: Number(process.env.PORT) || 8080,
  auth: {
    key: process.env.GATEWAY_KEY || 'Zm9vYmFyYmF6cXV4Y29ycmdl',
    issuer: 'gateway',
    lifetime: '12h',
  },
  redis: { url: 'redis://127.0.0.1:6379', prefix: 'gw:' },
};

const app = new Koa();
const router = new Router();

app.use(koaJwt({ secret: settings.auth.key, key: 'claims' }).unless({ path: [/^\/public/, /^\/login/] }));

router.post('/login', (ctx) => {
  ctx.body = {
    token: jsonwebtoken.sign({ u: ctx.request.body.u }, settings.auth.key, {
      issuer: settings.auth.issuer,
      expiresIn: settings.auth.lifetime,
    }),
  };
});

app.use(router.routes());
app.listen(settings.port);
