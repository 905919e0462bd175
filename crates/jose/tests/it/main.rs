//! All integration tests of this crate, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it left out"
)]

mod attacks;
mod cookbook;
mod ed25519_edges;
mod fuzz_smoke;
mod interop;
mod joserfc;
mod json_suite;
mod jwe;
mod key_numbers;
mod keys;
mod known_key;
mod mldsa;
mod policy;
mod properties;
mod rfc;
mod vectors;
mod verifier;
mod wycheproof;
