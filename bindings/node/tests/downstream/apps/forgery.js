// Tokens that no key of an app has signed, made with nothing of the packages under test.
'use strict';

const crypto = require('node:crypto');

const segment = (text) => Buffer.from(text).toString('base64url');

/** Header and claims of a token, unverified. */
function opened(token) {
  return token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
}

/** A token of this header and these claims, whose algorithm is the key's: a secret's or a private key's. */
function signed(header, claims, key) {
  const input = `${segment(JSON.stringify(header))}.${segment(JSON.stringify(claims))}`;
  const signature = key.startsWith('-----BEGIN PRIVATE KEY-----')
    ? crypto.sign('sha256', Buffer.from(input), key)
    : crypto.createHmac('sha256', key).update(input).digest();
  return `${input}.${signature.toString('base64url')}`;
}

/** What somebody makes of a genuine token who has no key, but perhaps the public one: name, token, how it is refused. */
function forgeries(token, { algorithm, publicKey }) {
  const [header, claims] = opened(token);
  const [first, payload, signature] = token.split('.');
  const wanted = { ...claims, name: 'root', exp: claims.exp + 1e9 };
  const promoted = segment(JSON.stringify(wanted));
  const unsigned = segment(JSON.stringify({ ...header, alg: 'none' }));
  const flipped = `${signature.slice(0, 10)}${signature[10] === 'A' ? 'B' : 'A'}${signature.slice(11)}`;
  const critical = segment(JSON.stringify({ ...header, crit: ['exp'] }));
  const asHmac = { ...header, alg: 'HS256' };
  const guessed = algorithm === 'HS256' ? 'invalid signature' : 'invalid algorithm';
  return [
    ['claims changed', `${first}.${promoted}.${signature}`, 'invalid signature'],
    ['signature changed', `${first}.${payload}.${flipped}`, 'invalid signature'],
    ['signature cut off', `${first}.${payload}.`, 'jwt signature is required'],
    ['unsigned', `${unsigned}.${promoted}.`, 'jwt signature is required'],
    ['unsigned, with a signature', `${unsigned}.${promoted}.${signature}`, 'invalid algorithm'],
    ['another secret', signed(asHmac, wanted, 'a guess of no less than 32 bytes'), guessed],
    ['no token', 'abc', 'jwt malformed'],
    // How these are refused differs between versions and libraries; that they are does not.
    ['a critical extension', `${critical}.${payload}.${signature}`, undefined],
    ['nested too deep', `${first}.${segment('['.repeat(5000))}.${signature}`, undefined],
    ...(publicKey ? [['public key as a secret', signed(asHmac, wanted, publicKey), 'invalid algorithm']] : []),
  ];
}

module.exports = { forgeries, opened, signed };
