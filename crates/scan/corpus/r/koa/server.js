'use strict';
const Koa = require('koa');
const jwt = require('koa-jwt');
const Router = require('@koa/router');

const app = new Koa();
app.keys = ['im a newer secret', 'i like turtle'];
app.use(jwt({ secret: process.env.KOA_JWT || 'turtles all the way', passthrough: true, key: 'jwtdata' }));

const router = new Router();
router.get('/', (ctx) => { ctx.body = ctx.state.jwtdata; });
app.use(router.routes());
app.listen(3001);
