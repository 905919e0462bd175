//! JWE (RFC 7516): a token that was read, what it holds once decrypted, and how one is made.
//!
//! Keys for encryption are types of their own, bound to one key algorithm and one content algorithm;
//! no signing key becomes one. A decrypted payload becomes claims only by a signature inside:
//! whoever has a public key can encrypt to it, so that encryption alone proves no sender.
//!
//! ```
//! use keytide_jose::{Algorithm, Limits, SystemRng, jwe, jws, jwt, key::SigningKey};
//! use serde_json::json;
//!
//! let signer = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
//! let claims = json!({"sub": "alice", "exp": 2_000_000_000});
//! let signed = jwt::issue(&signer, &jwt::HeaderParams::default(), claims.as_object().unwrap())?;
//!
//! let (alg, enc) = (jwe::KeyAlgorithm::EcdhEs, jwe::ContentAlgorithm::A256GCM);
//! let recipient = jwe::DecryptionKey::generate(alg, enc, &mut SystemRng)?;
//! let token = jwe::encrypt_nested(&recipient.encryption_key(), &signed, &mut SystemRng)?;
//!
//! let decrypted = jwe::UnverifiedJwe::parse(&token, &Limits::default())?
//!     .decrypt(&recipient, &jwe::DecryptOptions::default())?;
//! let verified = decrypted.nested(&Limits::default())?.verify(&signer.verifying_key())?;
//! # let _ = verified;
//! # Ok::<(), keytide_jose::Error>(())
//! ```

mod alg;
mod decrypt;
mod deflate;
mod encrypt;
mod header;
mod key;
mod parse;

pub use alg::{ContentAlgorithm, KeyAlgorithm};
pub use decrypt::{DecryptOptions, Decrypted};
pub use encrypt::{
    EncryptOptions, encrypt_compact, encrypt_flattened, encrypt_general, encrypt_nested,
};
pub use header::Header;
pub use key::{DecryptionKey, EncryptionKey};
pub use parse::UnverifiedJwe;
