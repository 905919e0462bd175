//! What the server promises, over a real socket.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod access;
mod changes;
mod consumers;
mod door;
mod keys;
mod public;
mod scene;
mod stop;
mod targets;
mod tokens;
mod webhooks;
