io.use(socketioJwt.authorize({ secret: 'storm-petrel', handshake: true }));
