// Whose `jsonwebtoken` this project has, for itself and for the packages that bring it along.
//
// EXPECTED_JSONWEBTOKEN: the name of the package that it has to be.
'use strict';

const assert = require('node:assert');
const { createRequire } = require('node:module');
const { test } = require('node:test');

const installed = require('./node_modules/.package-lock.json').packages;
const EXPECTED = process.env.EXPECTED_JSONWEBTOKEN;
const BRING_IT = ['express-jwt', 'passport-jwt', '@nestjs/jwt'];

test('there is one package of the name, and it is the expected one', () => {
  const places = Object.keys(installed).filter((place) => place.endsWith('node_modules/jsonwebtoken'));
  assert.deepStrictEqual(places, ['node_modules/jsonwebtoken']);
  assert.strictEqual(require('jsonwebtoken/package.json').name, EXPECTED);
});

test('the packages that bring it along get that one', () => {
  for (const name of BRING_IT) {
    const itself = createRequire(require.resolve(name));
    assert.strictEqual(itself('jsonwebtoken'), require('jsonwebtoken'), name);
  }
});

test('they do ask for it', () => {
  for (const name of BRING_IT) assert.ok(installed[`node_modules/${name}`].dependencies.jsonwebtoken, name);
});

test('deep imports and ES modules get the same functions and classes', async () => {
  const jwt = require('jsonwebtoken');
  const imported = await import('jsonwebtoken');
  assert.strictEqual(imported.default, jwt);
  // Of the original's names, Node finds the first alone.
  const names = EXPECTED === 'jsonwebtoken' ? ['decode'] : Object.keys(jwt);
  for (const name of names) assert.strictEqual(imported[name], jwt[name], name);
  for (const name of ['JsonWebTokenError', 'NotBeforeError', 'TokenExpiredError']) {
    assert.strictEqual(require(`jsonwebtoken/lib/${name}`), jwt[name], name);
  }
  for (const name of ['decode', 'sign', 'verify']) assert.strictEqual(require(`jsonwebtoken/${name}`), jwt[name], name);
});
