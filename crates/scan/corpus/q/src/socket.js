const jwt = require('jsonwebtoken')
const KEY = Buffer.from('c29ja2V0LXNlY3JldC1rZXk=', 'base64')
io.use((socket, next) => {
  jwt.verify(socket.handshake.auth.token, KEY, { algorithms: ['HS256'] }, next)
})
