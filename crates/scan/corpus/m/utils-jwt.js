import { sign, verify } from 'jsonwebtoken';
const secret = 'ivory gull in june';
export const make = (p) => sign(p, secret, { expiresIn: '1h' });
