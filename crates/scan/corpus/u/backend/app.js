const express = require('express');
const session = require('express-session');
const cookieParser = require('cookie-parser');
const { expressjwt } = require('express-jwt');
const cors = require('cors');

const app = express();
app.use(cors({ origin: 'http://localhost:3000', credentials: true }));
app.use(express.json());
app.use(cookieParser('cookie-signing-secret'));
app.use(
  session({
    secret: process.env.JWT_SECRET || 'my session secret',
    resave: false,
    saveUninitialized: true,
    cookie: { maxAge: 60000 },
  })
);

app.use(
  expressjwt({
    secret: 'shhhhhhared-secret',
    algorithms: ['HS256'],
    credentialsRequired: true,
  }).unless({ path: ['/auth/login', '/auth/register', /^\/public\/.*/] })
);

app.use('/auth', require('./routes/auth'));
app.use('/orders', require('./routes/orders'));

app.use((err, req, res, next) => {
  if (err.name === 'UnauthorizedError') {
    return res.status(401).json({ message: 'invalid jwt secret or token' });
  }
  next(err);
});

module.exports = app;
