//! JOSE: bytes in, proof or reason out (RFC 7515–7519, 7638, 7797, 8037, 8725, 8812,
//! 9864, 9964).
//!
//! The way through: [`jws::Unverified`] is a token that was only read, [`jws::Verified`] one whose
//! signature holds, [`jwt::Claims`] one whose claims passed a [`jwt::Policy`]. Each consumes the one
//! before; nothing leads from `Unverified` to `Claims`.
//!
//! ```
//! use keytide_jose::{Algorithm, Limits, SystemRng, jws, jwt, key};
//! use serde_json::json;
//!
//! let signer = key::SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
//! let claims = json!({"iss": "https://id.example", "aud": "api", "sub": "alice", "exp": 2_000_000_000});
//! let token = jwt::issue(&signer, &jwt::HeaderParams::default(), claims.as_object().unwrap())?;
//!
//! let policy = jwt::Policy::builder()
//!     .issuer("https://id.example")
//!     .audience("api")
//!     .typ("JWT")
//!     .build();
//! let claims: jwt::Claims<serde_json::Value> = jws::Unverified::parse(&token, &Limits::default())?
//!     .verify(&signer.verifying_key())?
//!     .check(&policy, jwt::NumericDate::from_secs(1_900_000_000))?;
//! assert_eq!(claims.get()["sub"], "alice");
//! # Ok::<(), keytide_jose::Error>(())
//! ```
//!
//! No file, socket, clock, environment, thread or log is touched here: time, randomness and limits
//! are arguments. Only `backend` names a cryptographic library.
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing)]

mod alg;
mod backend;
mod base64url;
mod document;
mod error;
mod json;
mod limits;
mod random;
mod secret;

pub mod digest;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod key;

pub use alg::Algorithm;
pub use document::{check_json, parse_json};
pub use error::{CODES, Code, Error};
pub use key::{KeyId, Untrusted};
pub use limits::Limits;
pub use random::{Rng, SystemRng};
pub use secret::Secret;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;
