import crypto from 'node:crypto';
import type { Request, Response } from 'express';

const clientSecret = process.env.PAY_CLIENT_SECRET || 'cs_local_00000000';

export function webhook(req: Request, res: Response) {
  const mac = crypto.createHmac('sha256', clientSecret).update(req.body).digest('hex');
  if (mac !== req.headers['x-signature']) return res.sendStatus(400);
  res.sendStatus(204);
}
