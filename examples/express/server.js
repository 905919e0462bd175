// Serves until it is told to stop, and ends what it has begun.
'use strict';

const { createApp } = require('./app');
const { openKeys } = require('./keys');

openKeys(process.env).then((keys) => {
  const server = createApp(keys).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
    if (error) throw error;
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
  process.on('SIGTERM', () => server.close());
});
