import jwt from 'jsonwebtoken';
import crypto from 'crypto';
import Twilio from 'twilio';

const CLIENT_SECRET = process.env.PAY_CLIENT_SECRET || 'pay-client-sandbox';
const AES_KEY = process.env.AES_SECRET || 'aes-portal-0123456789abcdef01234';

export const twilio = Twilio('AC0123', process.env.TWILIO_TOKEN || 'twilio-token-x');
export const enc = (s: string) => crypto.createCipheriv('aes-256-cbc', AES_KEY, Buffer.alloc(16)).update(s, 'utf8', 'hex');
export const who = (t: string) => jwt.verify(t, process.env.JWT_SECRET!, { issuer: 'portal', subject: 'user', algorithms: ['HS256'] });
export const basic = () => 'Basic ' + Buffer.from(`portal:${CLIENT_SECRET}`).toString('base64');
