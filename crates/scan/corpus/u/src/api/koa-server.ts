import Koa from 'koa';
import Router from '@koa/router';
import koaJwt from 'koa-jwt';
import jsonwebtoken from 'jsonwebtoken';

const app = new Koa();
const router = new Router();
const secret = 'koa-shared-9f';
app.keys = ['koa cookie key one', 'koa cookie key two'];

app.use(koaJwt({ secret, passthrough: true, key: 'jwtdata' }).unless({ path: [/^\/login/] }));

router.post('/login', async (ctx) => {
  ctx.body = { token: jsonwebtoken.sign({ user: 'demo' }, secret) };
});

app.use(router.routes());
app.listen(4000);
