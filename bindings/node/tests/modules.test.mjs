// ES modules find the named exports of both packages; the paths that programs import are there.
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';

import jwt, { decode, JsonWebTokenError, NotBeforeError, sign, TokenExpiredError, verify } from '../jsonwebtoken/index.js';
import keytide, { createSigner, createVerifier, JwksClient, KeytideError, Ring, SigningKey, VerifyingKey } from '../index.mjs';
import { createVerifier as fromCommonJs } from '../index.js';

const require = createRequire(import.meta.url);
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

it('the drop-in has six names and no others', () => {
  assert.deepStrictEqual(jwt, { decode, verify, sign, JsonWebTokenError, NotBeforeError, TokenExpiredError });
  assert.strictEqual(verify(sign({ a: 1 }, 'secret'), 'secret').a, 1);
});

it('the native API is the same from both kinds of module', () => {
  assert.deepStrictEqual(keytide, { createSigner, createVerifier, SigningKey, VerifyingKey, Ring, JwksClient, KeytideError });
  assert.strictEqual(fromCommonJs, createVerifier);
  assert.strictEqual(require('..').Ring, Ring);
});

it('every module of the original is where programs import it from, in both packages', () => {
  const original = path.dirname(require.resolve('jsonwebtoken/package.json'));
  const files = ['.', 'lib'].flatMap((folder) => fs.readdirSync(path.join(original, folder)).map((name) => path.join(folder, name)));
  const modules = files.filter((name) => name.endsWith('.js'));
  assert.ok(modules.length > 8);
  for (const name of modules) {
    assert.strictEqual(typeof require(path.join(root, 'jsonwebtoken', name)), typeof require(`jsonwebtoken/${name}`), name);
    assert.ok(fs.existsSync(path.join(root, 'jsonwebtoken-alias', name)), name);
  }
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'jsonwebtoken-alias/package.json'), 'utf8'));
  assert.strictEqual(manifest.exports, undefined, 'a map of exports would hide modules');
});

it('the packages depend on nothing but ms', () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.deepStrictEqual(Object.keys(manifest.dependencies), ['ms']);
});

it('a program in TypeScript compiles strictly with the types', () => {
  const tsc = require.resolve('typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'tests/types')], { encoding: 'utf8' });
  assert.deepStrictEqual([stdout, status], ['', 0]);
});
