import { sign, verify } from 'jsonwebtoken';
import { sendMail } from '../../lib/mailer';

const EMAIL_SECRET = 'asdf1093KMnzxcvnkljvasdu09123nlasdasdf';
const RESET_SALT = 'pw-reset';

export async function sendConfirmation(user: { id: number; email: string }) {
  const emailToken = sign({ user: user.id }, EMAIL_SECRET, { expiresIn: '1d' });
  const url = `http://localhost:3000/confirmation/${emailToken}`;
  await sendMail({
    to: user.email,
    subject: 'Confirm Email',
    html: `Please click this email to confirm your email: <a href="${url}">${url}</a>`,
  });
}

export function confirm(token: string) {
  return verify(token, EMAIL_SECRET) as { user: number };
}

export const cacheKey = (id: number) => `${RESET_SALT}:${id}`;
