const http = require('http');
const express = require('express');
const { expressjwt } = require('express-jwt');

const app = express();
app.use(expressjwt({
  secret: async () => 'async-secret-sockets',
  algorithms: ['HS256'],
  issuer: 'sockets',
}));
app.use(expressjwt({
  secret: Buffer.from('c2hoaGhoaC1zb2NrZXRz', 'base64'),
  audience: 'sockets-clients',
  algorithms: ['HS512'],
}));
http.createServer(app).listen(4000);
