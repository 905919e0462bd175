// Small real apps on packages that bring jsonwebtoken along, with ours under its name: sign in, call,
// expire, be refused.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { describe, it } = require('node:test');

const APPS = process.env.KEYTIDE_TEST_NODE_APPS ?? path.join(__dirname, '../../../target/tools/node-apps');
const isThere = fs.existsSync(path.join(APPS, 'node_modules'));
const skip = isThere ? false : `${APPS} does not have the packages: run cargo xtask test`;

const SECRET = 'a-secret-that-is-32-bytes-or-more!';
const from = createRequire(path.join(APPS, 'package.json'));

/** Makes the clock say so many seconds more than it does. */
function later(seconds, call) {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
  return call().finally(() => {
    Date.now = now;
  });
}

/** Signs in, calls, is refused with broken, foreign and missing tokens, expires. */
async function visit(url, foreign) {
  const signIn = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ada' }),
  });
  const { token } = await signIn.json();
  const call = async (authorization) => {
    const answer = await fetch(`${url}/me`, { headers: authorization ? { authorization } : {} });
    return answer.status === 200 ? (await answer.json()).name : answer.status;
  };
  assert.strictEqual(await call(`Bearer ${token}`), 'ada');
  assert.strictEqual(await call(`Bearer ${token.slice(0, -2)}`), 401);
  assert.strictEqual(await call(`Bearer ${foreign}`), 401);
  assert.strictEqual(await call(undefined), 401);
  assert.strictEqual(await later(61, () => call(`Bearer ${token}`)), 401);
}

async function serving(app, visitor) {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await visitor(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('under the name jsonwebtoken', { skip }, () => {
  const jwt = isThere ? from('jsonwebtoken') : undefined;
  const foreign = jwt?.sign({ name: 'eve' }, 'another secret', { expiresIn: 60 });
  const login = (req, res) => res.json({ token: jwt.sign({ name: req.body.name }, SECRET, { expiresIn: '1m' }) });

  it('stands ours, for every package', () => {
    assert.strictEqual(from('jsonwebtoken/package.json').name, 'keytide-jsonwebtoken');
    for (const name of ['express-jwt', 'passport-jwt', '@nestjs/jwt']) {
      const itself = createRequire(from.resolve(name));
      assert.strictEqual(itself('jsonwebtoken').verify, jwt.verify, name);
    }
    assert.strictEqual(from('jsonwebtoken/lib/JsonWebTokenError'), jwt.JsonWebTokenError);
  });

  it('express-jwt works', async () => {
    const express = from('express');
    const { expressjwt } = from('express-jwt');
    const app = express();
    app.use(express.json());
    app.post('/login', login);
    app.get('/me', expressjwt({ secret: SECRET, algorithms: ['HS256'] }), (req, res) => res.json(req.auth));
    app.use((error, req, res, next) => (error.name === 'UnauthorizedError' ? res.sendStatus(401) : next(error)));
    await serving(app, (url) => visit(url, foreign));
  });

  it('passport-jwt works', async () => {
    const express = from('express');
    const passport = new (from('passport').Passport)();
    const { ExtractJwt, Strategy } = from('passport-jwt');
    const options = { jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: SECRET };
    passport.use(new Strategy(options, (claims, done) => done(null, claims)));
    const app = express();
    app.use(express.json());
    app.post('/login', login);
    app.get('/me', passport.authenticate('jwt', { session: false }), (req, res) => res.json(req.user));
    await serving(app, (url) => visit(url, foreign));
  });

  it('@nestjs/jwt works', async () => {
    from('reflect-metadata');
    const common = from('@nestjs/common');
    const { NestFactory } = from('@nestjs/core');
    const { JwtModule, JwtService } = from('@nestjs/jwt');

    class AppController {
      constructor(service) {
        this.service = service;
      }

      async login({ name }) {
        return { token: await this.service.signAsync({ name }) };
      }

      async me(authorization) {
        try {
          return await this.service.verifyAsync(authorization?.replace('Bearer ', '') ?? '');
        } catch {
          throw new common.UnauthorizedException();
        }
      }
    }
    const method = (name, ...decorators) => {
      const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, name);
      for (const decorate of decorators) decorate(AppController.prototype, name, descriptor);
    };
    common.Controller()(AppController);
    common.Inject(JwtService)(AppController, undefined, 0);
    method('login', common.Post('login'));
    common.Body()(AppController.prototype, 'login', 0);
    method('me', common.Get('me'));
    common.Headers('authorization')(AppController.prototype, 'me', 0);

    class AppModule {}
    const jwtModule = JwtModule.register({ secret: SECRET, signOptions: { expiresIn: '1m' } });
    common.Module({ imports: [jwtModule], controllers: [AppController] })(AppModule);
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    try {
      await visit(await app.getUrl(), foreign);
    } finally {
      await app.close();
    }
  });
});
