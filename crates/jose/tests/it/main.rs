//! All integration tests of this crate, in one binary.

mod attacks;
mod json_suite;
mod properties;
mod rfc;
mod vectors;
mod wycheproof;
