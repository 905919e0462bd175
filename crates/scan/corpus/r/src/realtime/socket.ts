import { Server } from 'socket.io';
import jsonwebtoken from 'jsonwebtoken';

const { WS_KEY = 'marble&granite&slate' } = process.env;

export function attach(io: Server) {
  io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    try {
      socket.data.user = jsonwebtoken.verify(token, WS_KEY);
      next();
    } catch (e) {
      next(new Error('bad secret or token'));
    }
  });
}
