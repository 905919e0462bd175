const express = require('express');
const { expressjwt: guard } = require('express-jwt');
const session = require('express-session');

const app = express();
const secret = 'blue-falcon-over-the-hill';

app.use(session({ secret: 'grey-goose', resave: false, saveUninitialized: true }));
app.use(guard({ secret, algorithms: ['HS256'] }).unless({ path: ['/login', '/health'] }));

app.get('/health', (_, res) => res.send('ok'));
app.listen(8080);
