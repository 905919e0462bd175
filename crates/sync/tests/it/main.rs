//! Copies from outside: one suite for every kind of place, and what is particular to each.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that cannot run says why"
)]

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
mod conformance;
mod converging;
mod files;
#[cfg(feature = "gcp")]
mod gcp;
mod kubernetes;
mod programs;
mod scene;
mod server;
mod settings;
mod vault;
