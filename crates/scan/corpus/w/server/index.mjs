import express from 'express';
import session from 'express-session';
import cookieParser from 'cookie-parser';
import jwt from 'jsonwebtoken';
import { createCipheriv, randomBytes } from 'node:crypto';

const app = express();
const accessTokenSecret = 'youraccesstokensecret';
const refreshTokenSecret = 'yourrefreshtokensecrethere';
const ENCRYPTION_KEY = '8f2b6c1d9e7a4f3058c6d1b2a3e4f506';

app.use(cookieParser('milk-and-cookies-please'));
app.use(session({
  secret: process.env.JWT_SECRET || 'keyboard dog session',
  resave: false,
  saveUninitialized: true,
  name: 'shark.sid',
}));

let refreshTokens = [];

app.post('/login', (req, res) => {
  const user = req.app.locals.users.find(u => u.username === req.body.username);
  if (!user) return res.send('Username or password incorrect');
  const accessToken = jwt.sign({ username: user.username, role: user.role }, accessTokenSecret, { expiresIn: '20m' });
  const refreshToken = jwt.sign({ username: user.username, role: user.role }, refreshTokenSecret);
  refreshTokens.push(refreshToken);
  res.json({ accessToken, refreshToken });
});

export function encrypt(text) {
  const iv = randomBytes(16);
  const c = createCipheriv('aes-256-ctr', ENCRYPTION_KEY, iv);
  return iv.toString('hex') + ':' + Buffer.concat([c.update(text), c.final()]).toString('hex');
}

app.listen(3000);
