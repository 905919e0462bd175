//! Keys: parsed once, bound to one algorithm.

mod der;
mod id;
pub(crate) mod material;
mod parse;
mod pem;
mod secret;
mod set;
mod signing;
mod verifying;

pub(crate) use secret::refuse_other_key as refuse_other_key_as_secret;

pub use id::{KeyId, Untrusted};
pub use parse::parse_any;
pub use set::{Candidates, KeySet};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
