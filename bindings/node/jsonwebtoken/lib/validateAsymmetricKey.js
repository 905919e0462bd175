// Whether an asymmetric key may serve an algorithm (RFC 7518 §3.1): its type, curve and parameters.
'use strict';

const ALGORITHMS = new Map([
  ['ec', ['ES256', 'ES384', 'ES512']],
  ['rsa', ['RS256', 'PS256', 'RS384', 'PS384', 'RS512', 'PS512']],
  ['rsa-pss', ['PS256', 'PS384', 'PS512']],
]);

const CURVES = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** Throws a plain `Error`; a secret, no key and no algorithm pass. */
module.exports = function validateAsymmetricKey(algorithm, key) {
  const type = algorithm && key ? key.asymmetricKeyType : undefined;
  if (!type) return;
  const algorithms = ALGORITHMS.get(type);
  if (!algorithms) throw new Error(`Unknown key type "${type}".`);
  if (!algorithms.includes(algorithm)) {
    throw new Error(
      `"alg" parameter for "${type}" key type must be one of: ${algorithms.join(', ')}.`,
    );
  }
  if (type === 'ec') checkCurve(algorithm, key.asymmetricKeyDetails);
  if (type === 'rsa-pss') checkPssParameters(algorithm, key.asymmetricKeyDetails);
};

function checkCurve(algorithm, { namedCurve }) {
  if (namedCurve !== CURVES[algorithm]) {
    throw new Error(`"alg" parameter "${algorithm}" requires curve "${CURVES[algorithm]}".`);
  }
}

function checkPssParameters(algorithm, { hashAlgorithm, mgf1HashAlgorithm, saltLength }) {
  const bits = Number(algorithm.slice(-3));
  if (hashAlgorithm !== `sha${bits}` || mgf1HashAlgorithm !== hashAlgorithm) {
    throw new Error(
      'Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of ' +
        `"alg" ${algorithm}.`,
    );
  }
  if (saltLength !== undefined && saltLength > bits / 8) {
    throw new Error(
      'Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the ' +
        `requirements of "alg" ${algorithm}.`,
    );
  }
}
