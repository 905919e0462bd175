// The attack corpus through `jwt.verify`: nothing that matters is accepted, nothing valid is refused.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');

const original = require('jsonwebtoken');
const jwt = require('../jsonwebtoken');

const FILE = process.env.KEYTIDE_ATTACKS ?? path.join(__dirname, '../../../vectors/attacks.jsonl');
const cases = fs.readFileSync(FILE, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

/** Cases that break an RFC, and that ours accepts as the original does: each under a row that says so. */
const KEPT = { 'json/payload-string': 'kept-non-claims', 'json/payload-number': 'kept-non-claims' };

function keyOf({ fmt, value }) {
  if (fmt.endsWith('_b64u')) return Buffer.from(value, 'base64url');
  if (fmt !== 'jwk') return value;
  return value.kty === 'oct' ? Buffer.from(value.k ?? '', 'base64url') : { key: value, format: 'jwk' };
}

function optionsOf({ algorithms, audience, issuer, subject, leeway, now, require: required, typ }) {
  const options = { clockTimestamp: now };
  if (algorithms) options.algorithms = algorithms;
  if (audience) options.audience = audience;
  if (issuer) options.issuer = issuer;
  if (subject) options.subject = subject;
  if (leeway) options.clockTolerance = leeway;
  // What the original has no option for, ours has; the original ignores it.
  if (required) options.requiredClaims = required;
  if (typ) options.requiredTyp = typ;
  return options;
}

function outcome(lib, attack) {
  try {
    return { claims: lib.verify(attack.token, keyOf(attack.key), optionsOf(attack.options)) };
  } catch (error) {
    return { error };
  }
}

const isTyped = (error) =>
  error instanceof jwt.JsonWebTokenError || /^(Syntax|Type)?Error$/.test(error.name);

const verifications = cases.filter(({ op, key }) => op === 'jwt_verify' && key.fmt !== 'jwks');

test(`${verifications.length} cases of the attack corpus`, () => {
  for (const attack of verifications) {
    const { claims, error } = outcome(jwt, attack);
    const { tier, id } = attack;
    if (tier.startsWith('control')) {
      assert.strictEqual(error, undefined, `${id} is refused: ${error?.message}`);
      if (attack.payload) assert.deepStrictEqual(claims, attack.payload, id);
    } else if (tier === 'rfc' && error === undefined) {
      assert.ok(id in KEPT, `${id} is accepted and in no row of the quirk table`);
      assert.strictEqual(outcome(original, attack).error, undefined, `${id}: the original refuses it`);
    } else if (tier === 'policy') {
      assert.ok(error === undefined || outcome(original, attack) !== undefined);
    } else {
      assert.ok(error, `${id} is accepted`);
      assert.ok(isTyped(error), `${id}: ${error}`);
    }
  }
});

test('a case that is kept has its row', () => {
  const rows = require('../quirks.json').map(({ id }) => id);
  for (const row of Object.values(KEPT)) assert.ok(rows.includes(row));
});

test('every case verifies the same a second time, when key and header are known', () => {
  for (const attack of verifications) {
    const [first, second] = [outcome(jwt, attack), outcome(jwt, attack)];
    assert.strictEqual(second.error?.message, first.error?.message, attack.id);
    assert.deepStrictEqual(second.claims, first.claims, attack.id);
  }
});
