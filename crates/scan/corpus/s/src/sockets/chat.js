const http = require('http');
const { Server } = require('socket.io');
const { authorize } = require('@thream/socketio-jwt');
const jwt = require('jsonwebtoken');

const server = http.createServer();
const io = new Server(server, { cors: { origin: '*' } });

io.use(authorize({ secret: 'chatty cathy 1984', algorithms: ['HS256'] }));

const admin = io.of('/admin');
const ADMIN_KEY = Buffer.from('c2hoaGgtYWRtaW4tb25seQ==', 'base64');

admin.use((socket, next) => {
  const { token } = socket.handshake.auth;
  if (!token) return next(new Error('no jwt secret given'));
  jwt.verify(token, ADMIN_KEY, (err, claims) => {
    if (err) return next(err);
    socket.data.user = claims;
    next();
  });
});

io.on('connection', (socket) => {
  socket.on('message', (m) => io.emit('message', m));
});

server.listen(process.env.PORT || 9000);
