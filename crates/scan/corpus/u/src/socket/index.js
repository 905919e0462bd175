const socketIo = require('socket.io');
const jwt = require('jsonwebtoken');
const logger = require('../utils/logger');

let JWT_KEY = process.env.JWT_KEY;
if (!JWT_KEY) {
  logger.warn('JWT_KEY not set, using development key');
  JWT_KEY = 'chat-dev-key-1';
}

module.exports = (server) => {
  const io = socketIo(server, { cors: { origin: '*' } });

  io.use((socket, next) => {
    const token = socket.handshake.auth.token || socket.handshake.query.token;
    if (!token) return next(new Error('Authentication error: token missing'));
    jwt.verify(token, JWT_KEY, (err, decoded) => {
      if (err) return next(new Error('Authentication error'));
      socket.user = decoded;
      next();
    });
  });

  io.on('connection', (socket) => {
    socket.join(`user:${socket.user.id}`);
  });
  return io;
};
