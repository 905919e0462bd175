//! Keys of the tests, and sets made of them.

use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, SystemRng};

pub(crate) fn key(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, None, &mut SystemRng).unwrap()
}

pub(crate) fn named(alg: Algorithm, kid: &str) -> SigningKey {
    key(alg).with_key_id(kid.parse::<KeyId>().unwrap())
}

/// A JWK Set of the public halves.
pub(crate) fn set(keys: &[&SigningKey]) -> String {
    let jwks: Vec<String> = keys.iter().map(|key| key.public_jwk().unwrap().to_string()).collect();
    format!("{{\"keys\":[{}]}}", jwks.join(","))
}
