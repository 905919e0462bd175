//! A key set, kept fresh: what a service links that verifies or signs with keys that change.
//!
//! [`Ring`] is where the keys are: a JWK Set behind a URL ([`Ring::from_jwks`]), a ring on a Keytide
//! server ([`Ring::connect`]), or the environment ([`Ring::from_env`]). [`Verifier`] checks tokens with
//! it, [`Signer`] makes them. [`Deliveries`] is for whoever hands keys on to other programs. Everything here blocks; a thread in the background keeps the set fresh, so
//! that in ordinary times nobody waits.
//!
//! What is fetched is bounded in time and size, over http or https alone, without redirects, proxies or
//! credentials in URLs. A set is used as long as its `Cache-Control` says, within bounds, and for a
//! bounded time longer while it cannot be fetched again; then there is an error and no key.
#![forbid(unsafe_code)]

mod address;
mod clock;
mod connected;
mod delivery;
mod environment;
mod error;
mod http;
mod options;
mod published;
mod ring;
mod sealed;
mod signer;
mod snapshot;
mod source;
mod status;
mod unknown;
mod upkeep;
mod verifier;
mod worker;

pub use clock::{Chance, Clock, Moment, SystemChance, SystemClock};
pub use delivery::{DeliveredKey, Deliveries, Delivery, KeyRole};
pub use environment::EnvNames;
pub use error::{CODES, Error};
pub use options::{ConnectOptions, Options};
pub use published::fetch_key_set;
pub use ring::Ring;
pub use sealed::SealedCopy;
pub use signer::{RemoteSigner, Signer};
pub use snapshot::{Skipped, Snapshot, VerifyingKeys};
pub use source::Presence;
pub use status::Status;
pub use verifier::Verifier;
