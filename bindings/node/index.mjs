// Keytide's native API, for ES modules.
import keytide from './index.js';

export const { createSigner, createVerifier, SigningKey, VerifyingKey, Ring, JwksClient, KeytideError } = keytide;
export default keytide;
