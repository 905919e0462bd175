import { createSigner, createVerifier } from 'fast-jwt';
import { randomBytes } from 'node:crypto';

const key = process.env.WS_KEY || randomBytes(32).toString('hex');
const signSync = createSigner({ key: 'ws-signer-key', expiresIn: 60_000 });
const verifySync = createVerifier({ key });

export function ticket(userId) {
  return signSync({ sub: userId, scope: 'ws:connect' });
}

export function check(t) {
  try {
    return verifySync(t);
  } catch (e) {
    return null;
  }
}
