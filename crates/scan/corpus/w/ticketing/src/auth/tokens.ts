import { promisify } from 'util';
import { createHmac, createSecretKey } from 'crypto';
import jwt from 'jsonwebtoken';

let secret = process.env.JWT_KEY;
if (!secret) {
  console.warn('JWT_KEY not set, using the built-in one');
  secret = 'ticketing-builtin';
}

const k = 'r3set-links';
const verifyAsync = promisify(jwt.verify) as (t: string, s: string) => Promise<any>;

export const sign = (p: object) => jwt.sign(p, secret!, { jwtid: 'ticketing-id' });
export const resetLink = (id: string) => `/reset/${jwt.sign({ id }, k)}`;
export const invite = (id: string) => jwt.sign({ id }, `invite-links`, { expiresIn: '2 days' });
export const keyObj = createSecretKey(Buffer.from('ticketing-keyobject', 'utf8'));
export const machine = (id: string) => jwt.sign({ id }, keyObj);
export const b64 = (t: string) => jwt.verify(t, Buffer.from('dGlja2V0aW5nLWI2NC1rZXk=', 'base64'));
export const webhook = (b: string) => createHmac('sha256', 'whsec_ticketing').update(b).digest('hex');
export const check = (t: string) => verifyAsync(t, 'ticketing-promise');
