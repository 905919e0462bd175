const koaJwt = require('koa-jwt');
app.use(koaJwt({
  secret: 'quartz_heron',
  cookie: 'sid',
  key: 'user',
}));
