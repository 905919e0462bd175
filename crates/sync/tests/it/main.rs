//! Copies from outside: one suite for every kind of place, and what is particular to each.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "a test that does not run says why")]

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
