const Koa = require('koa');
const koaJwt = require('koa-jwt');
const jsonwebtoken = require('jsonwebtoken');
const secret = 'koa-secret-42';
app.use(koaJwt({ secret }).unless({ path: [/^\/public/] }));
router.post('/login', ctx => { ctx.body = jsonwebtoken.sign({ id: 1 }, secret, { expiresIn: 3600 }); });
