//! JSON Web Tokens (RFC 7519): claims that passed a policy, and tokens with claims in them.

mod cache;
mod check;
mod claims;
mod demands;
mod dpop;
mod issue;
mod policy;
mod registered;
mod replay;
mod time;
mod verifier;

pub use cache::VerifiedCache;
pub use claims::Claims;
pub use dpop::{DpopPolicy, DpopProof};
pub use issue::{HeaderParams, issue};
pub use policy::{Chosen, Danger, Missing, Policy, PolicyBuilder};
pub use replay::Replay;
pub use time::NumericDate;
pub use verifier::Verifier;
