const restify = require('restify');
const rjwt = require('restify-jwt-community');
const config = require('./config');

const server = restify.createServer({ name: 'inventory' });
server.use(restify.plugins.bodyParser());
server.use(rjwt(config.jwt).unless({ path: ['/auth'] }));

server.get('/items', (req, res, next) => {
  res.send([]);
  next();
});
server.listen(8080);
