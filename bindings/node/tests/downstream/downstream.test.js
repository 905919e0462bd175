// Small real sites on packages that bring jsonwebtoken along, with ours under its name.
//
// KEYTIDE_TEST_PACKAGES: the folder with the npm tarballs of `keytide` and `keytide-jsonwebtoken`.
// KEYTIDE_TEST_CACHE: a folder for projects; what is missing there is installed from the registry, what is
// there is used without any network.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { before, describe, it } = require('node:test');

const { ALIAS, Projects } = require('./projects');

const { KEYTIDE_TEST_PACKAGES: PACKAGES, KEYTIDE_TEST_CACHE: CACHE } = process.env;
const CHECKS = ['place', 'express', 'passport', 'nest'];
const EXPECTED = { alias: ALIAS, tarballs: ALIAS, original: 'jsonwebtoken' };

describe('packages that bring jsonwebtoken along', { skip: reasonToSkip() }, () => {
  const projects = reasonToSkip() ? undefined : new Projects(CACHE, PACKAGES);

  for (const [way, expected] of Object.entries(EXPECTED)) {
    describe(way, () => {
      let folder;
      before(async () => {
        folder = await projects.ready(way);
      });
      for (const check of CHECKS) {
        it(`${check}: the site serves and refuses`, () => run(folder, check, expected));
      }
      if (expected === ALIAS) it('the sites take a ring for a secret', () => run(folder, 'ring', expected));
    });
  }

  it('an alias without overrides leaves the others with the original', async () => {
    const lock = path.join(await projects.ready('alias-alone'), 'package-lock.json');
    const { packages } = JSON.parse(fs.readFileSync(lock, 'utf8'));
    for (const name of ['express-jwt', 'passport-jwt', '@nestjs/jwt']) {
      assert.strictEqual(packages[`node_modules/${name}/node_modules/jsonwebtoken`]?.version, '9.0.3', name);
    }
    assert.strictEqual(packages['node_modules/jsonwebtoken'].name, ALIAS);
  });
});

function reasonToSkip() {
  if (!PACKAGES) return 'KEYTIDE_TEST_PACKAGES names no folder with our tarballs';
  if (!CACHE) return 'KEYTIDE_TEST_CACHE names no folder for projects';
  return Number(process.versions.node.split('.')[0]) < 20 ? 'the frameworks in use here need Node 20' : false;
}

function run(folder, check, expected) {
  // Without what the surrounding runner says to its own children and to modules.
  const { NODE_TEST_CONTEXT, NODE_PATH, NODE_OPTIONS, ...env } = process.env;
  env.EXPECTED_JSONWEBTOKEN = expected;
  const done = spawnSync(process.execPath, ['--test', '--test-reporter=tap', `${check}.check.js`], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.strictEqual(done.status, 0, done.stdout + done.stderr);
  assert.match(done.stdout, /^# fail 0$/m);
  assert.match(done.stdout, /^# skipped 0$/m);
  assert.doesNotMatch(done.stdout, /^# pass 0$/m);
}
