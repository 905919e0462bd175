//! What the client promises, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod clock;
mod connected;
mod faults;
mod freshness;
mod keys;
mod rotations;
mod server;
mod unknown_kids;
mod web;
