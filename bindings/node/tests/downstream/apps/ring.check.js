// The sites with a ring where their secret was: each start of one has the next step of a rotation.
'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const { Ring } = require('keytide');

const { deployment } = require('./deployments');
const { forgeries } = require('./forgery');
const { Caller } = require('./visits');

const LIBRARIES = { 'express-jwt': './expressApp', 'passport-jwt': './passportApp', '@nestjs/jwt': './nestApp' };

for (const [name, app] of Object.entries(LIBRARIES)) describe(name, () => describeRotation(require(app).start));

function describeRotation(start) {
  const secret = () => deployment('HS256').signing;

  /** Runs a test with one site for each set of variables. */
  async function serving(environments, test) {
    const started = [];
    try {
      for (const env of environments) {
        const ring = Ring.fromEnv({ env });
        const site = { keys: { algorithm: 'HS256', signing: ring, verifying: ring }, verifying: () => ring };
        started.push({ ring, server: await start(site) });
      }
      await test(...started.map(({ server }) => new Caller(server.url)));
    } finally {
      for (const { ring, server } of started) {
        await server.close();
        ring.close();
      }
    }
  }

  it('nobody is signed out by a rotation', async () => {
    const [old, next] = [secret(), secret()];
    const steps = [
      { JWT_SECRET: old },
      { JWT_SECRET: old, JWT_SECRET_NEXT: next },
      { JWT_SECRET: next, JWT_SECRET_PREVIOUS: old },
      { JWT_SECRET: next },
    ];
    await serving(steps, async (...sites) => {
      // While one step is rolled out, sites of two neighbouring steps serve side by side.
      for (let step = 1; step < sites.length; step += 1) {
        const sideBySide = [sites[step - 1], sites[step]];
        for (const signs of sideBySide) {
          const { access } = await signs.signIn();
          for (const site of sideBySide) assert.deepStrictEqual(await site.me(access), [200, { name: 'alice' }]);
        }
      }
      const { access } = await sites[0].signIn();
      assert.strictEqual((await sites.at(-1).me(access))[0], 401);
    });
  });

  it('a token ends with its last second', async (context) => {
    let now = Date.UTC(2031, 4, 6, 7, 8, 9);
    context.mock.method(Date, 'now', () => now);
    await serving([{ JWT_SECRET: secret() }], async (site) => {
      const { access } = await site.signIn();
      now += 299_000;
      assert.strictEqual((await site.me(access))[0], 200);
      now += 1000;
      const [status, { name, message }] = await site.me(access);
      assert.deepStrictEqual([status, name, message], [401, 'TokenExpiredError', 'jwt expired']);
    });
  });

  it('forged tokens are refused', async () => {
    const env = { JWT_SECRET: secret(), JWT_SECRET_PREVIOUS: secret() };
    await serving([env], async (site) => {
      const { access } = await site.signIn();
      for (const [forgery, token] of forgeries(access, { algorithm: 'HS256' })) {
        assert.strictEqual((await site.me(token))[0], 401, forgery);
      }
      assert.strictEqual((await site.me(access))[0], 200);
    });
  });
}
