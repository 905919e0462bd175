//! Keys: parsed once, bound to one algorithm.

pub(crate) mod der;
mod id;
pub(crate) mod material;
mod parse;
pub(crate) mod pem;
mod secret;
mod set;
mod signing;
mod verifying;

pub(crate) use secret::refuse_other_key as refuse_other_key_as_secret;
pub(crate) use signing::{random_ec, random_secret};

pub use id::{KeyId, Untrusted};
pub use parse::parse_any;
pub use set::{Candidates, KeySet};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
