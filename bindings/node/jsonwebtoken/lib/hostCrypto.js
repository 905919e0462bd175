// Signatures by Node's own crypto, for keys that the engine does not take: RSA-PSS keys, RSA keys
// below 2048 bits, and whatever `allowInvalidAsymmetricKeyTypes` lets in.
'use strict';

const crypto = require('node:crypto');

const PSS = {
  padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
  saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
};

/** Bytes of one number in an ECDSA signature (RFC 7518 §3.4). */
const NUMBER_LENGTH = { ES256: 32, ES384: 48, ES512: 66 };

/** The signature in base64url. */
function sign(alg, signingInput, key) {
  const signer = crypto.createSign(`RSA-SHA${alg.slice(2)}`).update(signingInput);
  if (alg.startsWith('PS')) return signer.sign({ key, ...PSS }, 'base64url');
  if (alg.startsWith('ES')) return numbersOf(signer.sign(key), alg).toString('base64url');
  return signer.sign(key, 'base64url');
}

/** Whether the signature, in canonical base64url, holds. */
function verify(alg, signingInput, signature, key) {
  let bytes = Buffer.from(signature, 'base64url');
  const isCanonical = bytes.toString('base64url') === signature;
  if (alg.startsWith('ES')) bytes = derOf(bytes, alg);
  const verifier = crypto.createVerify(`RSA-SHA${alg.slice(2)}`).update(signingInput);
  const holds = verifier.verify(alg.startsWith('PS') ? { key, ...PSS } : key, bytes);
  return holds && isCanonical;
}

/** From two numbers of equal length to the SEQUENCE of two INTEGERs that Node takes. */
function derOf(bytes, alg) {
  checkSignatureLength(bytes, alg);
  const length = NUMBER_LENGTH[alg];
  const body = Buffer.concat([integer(bytes.subarray(0, length)), integer(bytes.subarray(length))]);
  const long = body.length < 0x80 ? [] : [0x81];
  return Buffer.concat([Buffer.from([0x30, ...long, body.length]), body]);
}

function integer(number) {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start += 1;
  const bytes = number.subarray(start);
  // An INTEGER whose first bit is set would be negative.
  const sign = bytes[0] & 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, bytes.length + sign.length, ...sign]), bytes]);
}

/** Throws where a signature has not the length that its algorithm demands. */
function checkSignatureLength(bytes, alg) {
  const length = NUMBER_LENGTH[alg] * 2;
  if (bytes.length !== length) {
    throw new TypeError(`"${alg}" signatures must be "${length}" bytes, saw "${bytes.length}"`);
  }
}

/** From the SEQUENCE that Node makes to two numbers of the length that the algorithm demands. */
function numbersOf(der, alg) {
  const length = NUMBER_LENGTH[alg];
  let at = 0;
  const next = () => der[at++];
  // Where another kind of key was let in, this is no SEQUENCE at all.
  if (next() !== 0x30) throw new Error('Could not find expected "seq"');
  let whole = next();
  if (whole === 0x81) whole = next();
  const left = der.length - at;
  if (left < whole) {
    throw new Error(`"seq" specified length of "${whole}", only "${left}" remaining`);
  }
  const number = (name, after) => {
    if (next() !== 0x02) throw new Error(`Could not find expected "int" for "${name}"`);
    const encoded = next();
    const available = der.length - at - after;
    const specified = `"${name}" specified length of "${encoded}"`;
    if (after > 0 && available < encoded) {
      throw new Error(`${specified}, only "${available}" available`);
    }
    if (after === 0 && available !== encoded) {
      throw new Error(`${specified}, expected "${available}"`);
    }
    if (encoded > length + 1) {
      throw new Error(`${specified}, max of "${length + 1}" is acceptable`);
    }
    const bytes = der.subarray(at, (at += encoded));
    return Buffer.concat([Buffer.alloc(length), bytes]).subarray(-length);
  };
  // The second number has a tag and a length before it.
  return Buffer.concat([number('r', 2), number('s', 0)]);
}

module.exports = { sign, verify, checkSignatureLength };
