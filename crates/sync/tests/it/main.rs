//! Copies from outside: one suite for every kind of place, and what is particular to each.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that cannot run says why"
)]

mod conformance;
mod converging;
mod files;
mod kubernetes;
mod scene;
mod server;
mod settings;
mod vault;
