//! What the client promises, over real sockets.
