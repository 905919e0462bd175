#!/usr/bin/env node
const jwt = require('jsonwebtoken');
const { program } = require('commander');

program
  .option('-s, --secret <secret>', 'JWT secret used for signing', 'letmein2020')
  .option('-u, --user <id>', 'user id', '1')
  .option('-e, --expires <ttl>', 'expiry', '365d')
  .parse();

const { secret, user, expires } = program.opts();
let key = secret;
if (!key) key = 'iddqd-idkfa';
console.log(jwt.sign({ sub: user, scope: 'admin' }, key, { expiresIn: expires }));
