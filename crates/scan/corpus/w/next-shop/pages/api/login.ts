import type { NextApiRequest, NextApiResponse } from 'next';
import getConfig from 'next/config';
import jwt from 'jsonwebtoken';

const { serverRuntimeConfig } = getConfig();

export default function handler(req: NextApiRequest, res: NextApiResponse) {
  if (req.method !== 'POST') return res.status(405).end();
  const token = jwt.sign({ sub: req.body.username }, serverRuntimeConfig.secret, { expiresIn: '7d' });
  res.setHeader('Set-Cookie', `jwt=${token}; HttpOnly; Path=/`);
  return res.status(200).json({ token });
}
