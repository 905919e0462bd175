//! Copies from outside: one suite for every kind of place, and what is particular to each.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;
mod converging;
mod files;
mod kubernetes;
mod scene;
mod server;
mod settings;
mod vault;
