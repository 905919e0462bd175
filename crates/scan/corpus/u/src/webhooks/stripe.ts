import Stripe from 'stripe';
import crypto from 'crypto';
import { Router } from 'express';
import { requireJwt } from '../middleware/jwt';

const stripe = new Stripe(process.env.STRIPE_SECRET_KEY || 'sk_test_placeholder', { apiVersion: '2023-10-16' });
const WEBHOOK_SECRET = process.env.STRIPE_WEBHOOK_SECRET || 'whsec_local';
const GITHUB_SECRET = 'gh-webhook-secret';

const router = Router();

router.post('/github', (req, res) => {
  const sig = crypto.createHmac('sha256', GITHUB_SECRET).update(JSON.stringify(req.body)).digest('hex');
  if (`sha256=${sig}` !== req.get('x-hub-signature-256')) return res.sendStatus(401);
  res.sendStatus(204);
});

router.post('/stripe', (req, res) => {
  const event = stripe.webhooks.constructEvent(req.body, req.headers['stripe-signature'] as string, WEBHOOK_SECRET);
  res.json({ received: event.type });
});

router.get('/me', requireJwt, (req, res) => res.json(req.user));

export default router;
