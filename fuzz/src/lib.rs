//! What must hold for whatever a stranger sends: one module a parser, run by libFuzzer and by the
//! engine's own tests.

pub mod claims;
pub mod content;
pub mod json;
pub mod jwe;
pub mod jwk;
pub mod key_file;
pub mod seeds;
pub mod token;

/// What a target does with one input.
pub type Run = fn(&[u8]);

/// Every target under its name. Each panics where what it states does not hold.
pub const TARGETS: [(&str, Run); 7] = [
    ("claims", claims::run),
    ("content", content::run),
    ("json", json::run),
    ("jwe", jwe::run),
    ("jwk", jwk::run),
    ("key_file", key_file::run),
    ("token", token::run),
];
