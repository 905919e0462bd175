// A cluster of three processes that each verify one token.
'use strict';

const cluster = require('node:cluster');
const jwt = require('../jsonwebtoken');

if (cluster.isPrimary) {
  const token = jwt.sign({ a: 1 }, 'secret');
  let open = 3;
  for (let n = 0; n < 3; n += 1) {
    const worker = cluster.fork();
    worker.send(token);
    worker.on('exit', (code) => {
      if (code !== 0) process.exit(1);
      open -= 1;
      if (open === 0) process.stdout.write('end');
    });
  }
} else {
  process.on('message', (token) => process.exit(jwt.verify(token, 'secret').a === 1 ? 0 : 1));
}
