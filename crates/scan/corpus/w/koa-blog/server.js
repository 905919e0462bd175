const Koa = require('koa');
const Router = require('@koa/router');
const koaJwt = require('koa-jwt');
const jsonwebtoken = require('jsonwebtoken');
const bodyParser = require('koa-bodyparser');

const app = new Koa();
app.keys = ['koa signed cookie 1'];
app.use(bodyParser());
app.use(koaJwt({ secret: 'jwt_demo_blog' }).unless({ path: [/^\/api\/login/] }));

const router = new Router({ prefix: '/api' });
router.post('/login', async (ctx) => {
  ctx.body = { token: jsonwebtoken.sign({ name: ctx.request.body.name }, 'jwt_demo_blog', { expiresIn: '1h' }) };
});
app.use(router.routes());
app.listen(3001);
