//! Key files of every format, bound to the algorithms that the caller names or the key itself does.

use keytide_jose::jwk::{JwkSet, PrivateJwk, PublicJwk};
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey, parse_any};
use keytide_jose::{Algorithm, Error, Limits, Secret};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{self, Failure};

/// A key file holds one half or both.
pub(crate) enum Key {
    Private(SigningKey),
    Public(VerifyingKey),
}

/// Keys to verify with: JWK, JWK Set, PEM or DER. Without `allowed`, what the JWKs name themselves.
///
/// # Errors
/// `algorithm_needed`, or why the engine refuses the file.
pub(crate) fn verifying(bytes: &[u8], allowed: &[Algorithm]) -> Result<KeySet, Failure> {
    if !allowed.is_empty() {
        return Ok(parse_any(bytes, allowed)?);
    }
    let named = named_algorithms(bytes);
    if named.is_empty() {
        // What is no key at all is not helped by an algorithm.
        parse_any(bytes, Algorithm::ALL)?;
        return Err(Failure::new(error::ALGORITHM_NEEDED, "the key does not name its algorithm"));
    }
    Ok(parse_any(bytes, &named)?)
}

/// A published key set to verify with. One with a private key in it is refused whole: whoever
/// published it gave that key away.
///
/// # Errors
/// `algorithm_needed`, or why the engine refuses the set.
pub(crate) fn published(bytes: &[u8], allowed: &[Algorithm]) -> Result<KeySet, Failure> {
    let set = JwkSet::parse(bytes, &Limits::default())?;
    let named = named_algorithms(bytes);
    let allowed = if allowed.is_empty() { named.as_slice() } else { allowed };
    if allowed.is_empty() {
        return Err(Failure::new(error::ALGORITHM_NEEDED, "no key of the set names its algorithm"));
    }
    Ok(KeySet::from_jwks(&set, allowed)?)
}

/// A raw secret to verify with, bound to each of the allowed HMAC algorithms.
///
/// # Errors
/// `algorithm_needed`, or why the engine refuses the secret.
pub(crate) fn verifying_secret(secret: &Secret, allowed: &[Algorithm]) -> Result<KeySet, Failure> {
    if allowed.is_empty() {
        return Err(Failure::new(
            error::ALGORITHM_NEEDED,
            "a raw secret does not name its algorithm",
        ));
    }
    let mut keys = Vec::new();
    let mut refused = None;
    for alg in allowed {
        match VerifyingKey::from_secret(*alg, secret.expose()) {
            Ok(key) => keys.push(key),
            // That the secret is bad says more than that the algorithm takes none.
            Err(error @ Error::KeyAlgMismatch(_)) => refused = refused.or(Some(error)),
            Err(error) => return Err(error.into()),
        }
    }
    match refused {
        Some(error) if keys.is_empty() => Err(error.into()),
        _ => Ok(KeySet::new(keys).allowing(allowed)),
    }
}

/// One key, private where the file has that half.
///
/// Without `alg` it is the JWK's own, or the only one that the key can serve: a curve has one.
///
/// # Errors
/// `algorithm_needed`, or why the engine refuses the file.
pub(crate) fn one(bytes: &[u8], alg: Option<Algorithm>) -> Result<Key, Failure> {
    let Some(alg) = alg.or_else(|| named_algorithms(bytes).first().copied()) else {
        let (fitting, refused) = fitting(bytes);
        return match fitting.as_slice() {
            [Algorithm::EdDSA, Algorithm::Ed25519] => read(bytes, Algorithm::EdDSA),
            [only] => read(bytes, *only),
            [] => Err(refused.into()),
            several => {
                let names: Vec<_> = several.iter().map(|alg| alg.as_str()).collect();
                Err(Failure::new(error::ALGORITHM_NEEDED, "the key does not name its algorithm")
                    .hint(format!("Say `--alg` with one of {}.", names.join(", "))))
            }
        };
    };
    read(bytes, alg)
}

/// One key whose algorithm does not matter, such as for a change of format.
///
/// # Errors
/// Why the engine refuses the file.
pub(crate) fn any(bytes: &[u8], alg: Option<Algorithm>) -> Result<Key, Failure> {
    if let Some(alg) = alg.or_else(|| named_algorithms(bytes).first().copied()) {
        return read(bytes, alg);
    }
    let (fitting, refused) = fitting(bytes);
    fitting.first().map_or_else(|| Err(refused.into()), |alg| read(bytes, *alg))
}

/// The algorithms that a key without a name for its own could serve, and why not, if none.
fn fitting(bytes: &[u8]) -> (Vec<Algorithm>, Error) {
    let mut refused = None;
    let mut fitting = Vec::new();
    for alg in Algorithm::ALL {
        match engine_read(bytes, *alg) {
            Ok(_) => fitting.push(*alg),
            Err(error @ Error::KeyAlgMismatch(_)) => refused = refused.or(Some(error)),
            Err(error) => refused = Some(error),
        }
    }
    (fitting, refused.unwrap_or(Error::KeyAlgMismatch("no algorithm fits".into())))
}

fn read(bytes: &[u8], alg: Algorithm) -> Result<Key, Failure> {
    Ok(engine_read(bytes, alg)?)
}

fn engine_read(bytes: &[u8], alg: Algorithm) -> Result<Key, Error> {
    let text = bytes.trim_ascii_start();
    if text.starts_with(b"{") {
        return match PublicJwk::parse(bytes) {
            Ok(jwk) => VerifyingKey::from_jwk(&jwk, Some(alg)).map(Key::Public),
            Err(no_public) => match PrivateJwk::parse(bytes) {
                Ok(jwk) => SigningKey::from_jwk(&jwk, Some(alg)).map(Key::Private),
                Err(_) if !has_private_member(bytes) => Err(no_public),
                Err(no_private) => Err(no_private),
            },
        };
    }
    if text.starts_with(b"-----") {
        return SigningKey::from_pem(alg, bytes).map(Key::Private).or_else(|error| {
            VerifyingKey::from_pem(alg, bytes).map(Key::Public).map_err(|_| error)
        });
    }
    SigningKey::from_der(alg, bytes)
        .map(Key::Private)
        .or_else(|error| VerifyingKey::from_der(alg, bytes).map(Key::Public).map_err(|_| error))
}

/// The members of a JWK or JWK Set that are looked at here; secrets among the others are not copied.
#[derive(Default, Deserialize)]
struct Members {
    alg: Option<String>,
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
    #[serde(default)]
    keys: Vec<Members>,
}

fn has_private_member(bytes: &[u8]) -> bool {
    let members: Members = serde_json::from_slice(bytes).unwrap_or_default();
    members.d.is_some() || members.k.is_some()
}

/// The algorithms that a JWK or the keys of a JWK Set name, each once.
fn named_algorithms(bytes: &[u8]) -> Vec<Algorithm> {
    let members: Members = serde_json::from_slice(bytes).unwrap_or_default();
    let mut named: Vec<Algorithm> = Vec::new();
    for jwk in std::iter::once(&members).chain(&members.keys) {
        if let Some(Ok(alg)) = jwk.alg.as_deref().map(str::parse)
            && !named.contains(&alg)
        {
            named.push(alg);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_each_of_its_algorithms_once() {
        let set =
            br#"{"keys":[{"alg":"ES256","x":1},{"alg":"RS256"},{"alg":"ES256"},{"alg":"none"}]}"#;
        assert_eq!(named_algorithms(set), [Algorithm::ES256, Algorithm::RS256]);
        assert_eq!(named_algorithms(br#"{"alg":"EdDSA"}"#), [Algorithm::EdDSA]);
        assert!(named_algorithms(b"-----BEGIN").is_empty());
    }

    #[test]
    fn a_curve_has_one_algorithm_and_an_rsa_key_has_several() {
        let pem = |alg, bits| {
            let key = SigningKey::generate(alg, bits, &mut keytide_jose::SystemRng).unwrap();
            key.to_pkcs8_pem().unwrap()
        };
        let ec = one(pem(Algorithm::ES384, None).expose(), None);
        assert!(matches!(ec, Ok(Key::Private(key)) if key.algorithm() == Algorithm::ES384));
        let ed = one(pem(Algorithm::Ed25519, None).expose(), None);
        assert!(matches!(ed, Ok(Key::Private(key)) if key.algorithm() == Algorithm::EdDSA));
        let rsa = pem(Algorithm::RS256, None);
        assert!(matches!(one(rsa.expose(), None), Err(error) if error.code == "algorithm_needed"));
        assert!(matches!(any(rsa.expose(), None), Ok(Key::Private(_))));
    }
}
