// A JWK Set on loopback that can be made to misbehave, counting who asks.
'use strict';

const http = require('node:http');

/** Serves `state.keys`, or whatever `state.answer(request, response)` does. */
module.exports = async function keyServer(keys = []) {
  const state = { keys, requests: 0, answer: undefined };
  const server = http.createServer((request, response) => {
    state.requests += 1;
    if (state.answer) return state.answer(request, response);
    response.setHeader('cache-control', 'max-age=60');
    return response.end(JSON.stringify({ keys: state.keys }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${server.address().port}/jwks.json`;
  state.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return state;
};
