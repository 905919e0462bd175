const express = require('express');
const { expressjwt: expressJwt } = require('express-jwt');
const proxy = require('express-http-proxy');

const secret = 'gateway-shared-hs256';

const app = express();
app.use(
  expressJwt({ secret, algorithms: ['HS256'], requestProperty: 'auth' }).unless({
    path: ['/health', '/login', /^\/public\/.*/],
  }),
);
app.use('/orders', proxy('http://orders:8080'));
app.use((err, req, res, next) => {
  if (err.name === 'UnauthorizedError') return res.status(401).send('invalid token...');
  next(err);
});
app.listen(8000);
