//! JSON Web Tokens (RFC 7519): claims that passed a policy, and tokens with claims in them.

mod cache;
mod check;
mod claims;
mod issue;
mod policy;
mod registered;
mod time;
mod verifier;

pub use cache::VerifiedCache;
pub use claims::Claims;
pub use issue::{HeaderParams, issue};
pub use policy::{Chosen, Danger, Missing, Policy, PolicyBuilder};
pub use time::NumericDate;
pub use verifier::Verifier;
