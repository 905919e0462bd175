//! Keys as the native API makes them: strictly, and with a reason where they are refused.

use keytide_jose::key::{KeyId, SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, Error, SystemRng, jwk};
use napi::bindgen_prelude::Either;
use napi_derive::napi;

use crate::refusal::Refusal;
use crate::signing::SigningHandle;
use crate::verifying::VerifyingHandle;

/// What a key is given as.
#[napi(string_enum = "lowercase")]
pub enum KeyFormat {
    /// The bytes of an HMAC secret.
    Secret,
    /// PEM text.
    Pem,
    /// DER.
    Der,
    /// The JSON of a JWK.
    Jwk,
}

/// Makes a key with fresh randomness, and its `kid`.
#[napi]
pub fn generate_key(alg: String, rsa_bits: Option<u32>) -> Either<SigningHandle, Refusal> {
    answer(
        named(Some(alg))
            .and_then(required)
            .and_then(|alg| SigningKey::generate(alg, rsa_bits, &mut SystemRng))
            .map(SigningHandle::of),
    )
}

/// Reads a key that signs.
#[napi]
pub fn read_signing_key(
    alg: Option<String>,
    format: KeyFormat,
    bytes: &[u8],
    kid: Option<String>,
) -> Either<SigningHandle, Refusal> {
    let read = || {
        let alg = named(alg)?;
        let key = match format {
            KeyFormat::Secret => SigningKey::from_secret(required(alg)?, bytes)?,
            KeyFormat::Pem => SigningKey::from_pem(required(alg)?, bytes)?,
            KeyFormat::Der => SigningKey::from_der(required(alg)?, bytes)?,
            KeyFormat::Jwk => SigningKey::from_jwk(&jwk::PrivateJwk::parse(bytes)?, alg)?,
        };
        Ok(SigningHandle::of(match kid {
            Some(kid) => key.with_key_id(kid.parse::<KeyId>()?),
            None => key,
        }))
    };
    answer(read())
}

/// Reads a key that verifies.
#[napi]
pub fn read_verifying_key(
    alg: Option<String>,
    format: KeyFormat,
    bytes: &[u8],
    kid: Option<String>,
) -> Either<VerifyingHandle, Refusal> {
    let read = || {
        let alg = named(alg)?;
        let key = match format {
            KeyFormat::Secret => VerifyingKey::from_secret(required(alg)?, bytes)?,
            KeyFormat::Pem => VerifyingKey::from_pem(required(alg)?, bytes)?,
            KeyFormat::Der => VerifyingKey::from_der(required(alg)?, bytes)?,
            KeyFormat::Jwk => match jwk::PublicJwk::parse(bytes) {
                Ok(public) => VerifyingKey::from_jwk(&public, alg)?,
                // A secret, or the private half of a pair: whoever holds it may verify as well.
                Err(_) => VerifyingKey::from_private_jwk(&jwk::PrivateJwk::parse(bytes)?, alg)?,
            },
        };
        Ok(VerifyingHandle::of(match kid {
            Some(kid) => key.with_key_id(kid.parse::<KeyId>()?),
            None => key,
        }))
    };
    answer(read())
}

fn answer<T>(made: Result<T, Error>) -> Either<T, Refusal> {
    match made {
        Ok(value) => Either::A(value),
        Err(error) => Either::B(error.into()),
    }
}

fn named(alg: Option<String>) -> Result<Option<Algorithm>, Error> {
    alg.map(|name| name.parse().map_err(|_| Error::AlgNotAllowed { alg: name })).transpose()
}

fn required(alg: Option<Algorithm>) -> Result<Algorithm, Error> {
    alg.ok_or_else(|| {
        Error::KeyAlgMismatch("the key names no algorithm, and none was given".into())
    })
}
