const express = require('express');
const app = express();

app.set('jwtSecret', 'express-app-set');
app.set('view engine', 'pug');
app.use(require('cookie-session')({ name: 'jwt-session', keys: ['cookie-key-1'] }));
app.use('/api', require('./middlewares/auth'));
module.exports = app;
