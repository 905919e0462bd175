import express from 'express';
import { expressjwt, type Request as JWTRequest } from 'express-jwt';
import config from 'config';

const app = express();

const secret = config.has('jwt.secret')
  ? config.get<string>('jwt.secret')
  : 'temporary';
app.use(
  expressjwt({ secret, algorithms: ['HS256'], requestProperty: 'auth' }).unless({
    path: ['/token', '/healthz'],
  }),
);

app.get('/protected', (req: JWTRequest, res) => {
  if (!req.auth?.admin) return res.sendStatus(401);
  res.json({ sub: req.auth.sub });
});

export default app;
