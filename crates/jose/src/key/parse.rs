//! A key file of whatever format, bound to the algorithms that the caller allows.

use super::der::{self, Found};
use super::set::Bound;
use super::{KeySet, VerifyingKey, pem};
use crate::json::Object;
use crate::jwk::{self, AnyJwk};
use crate::{Algorithm, Error, Limits, Result};

/// Reads keys to verify with: PEM, DER, a JWK or a JWK Set, public or private.
///
/// Each key is bound to those of the `allowed` algorithms that it can serve; none is bound to any
/// other. A secret is taken only from a JWK of the type `oct`: raw bytes must be given to
/// [`VerifyingKey::from_secret`] by name, so that a public key can never become an HMAC secret.
///
/// ```
/// use keytide_jose::{Algorithm, key};
///
/// let pem = b"-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----";
/// assert_eq!(key::parse_any(pem, &[Algorithm::EdDSA, Algorithm::HS256])?.keys().len(), 1);
/// assert_eq!(key::parse_any(pem, &[Algorithm::HS256]).unwrap_err().code(), "key_alg_mismatch");
/// assert_eq!(key::parse_any(b"s3cret", &[Algorithm::HS256]).unwrap_err().code(), "invalid_key");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `invalid_key` when the bytes are none of these formats or the key is malformed; `weak_key`;
/// `key_alg_mismatch` when no allowed algorithm fits; `too_large`, `too_deep`.
pub fn parse_any(bytes: &[u8], allowed: &[Algorithm]) -> Result<KeySet> {
    let limits = Limits::default();
    if bytes.len() > limits.jwks {
        return Err(Error::TooLarge { limit: "jwks", max: limits.jwks });
    }
    let mut bound = Bound::default();
    match bytes.trim_ascii_start().first() {
        Some(b'{') => add_json(bytes, allowed, &limits, &mut bound)?,
        Some(_) if pem::looks_like(bytes) => add_found(&pem::read(bytes)?, allowed, &mut bound),
        // A DER key is a SEQUENCE.
        Some(0x30) => add_found(&der::any(bytes)?, allowed, &mut bound),
        Some(_) => {
            return Err(Error::InvalidKey("the text is no PEM, DER, JWK or JWK Set".into()));
        }
        None => return Err(Error::InvalidKey("there is no key in the text".into())),
    }
    bound.into_set(allowed)
}

fn add_found(found: &Found, allowed: &[Algorithm], bound: &mut Bound) {
    bound.add(allowed, |alg| match found {
        Found::Public(public) => VerifyingKey::of_public(alg, public.clone(), None),
        Found::Private(private) => VerifyingKey::of_private(alg, private, None),
    });
}

fn add_json(bytes: &[u8], allowed: &[Algorithm], limits: &Limits, bound: &mut Bound) -> Result<()> {
    let object =
        Object::parse(bytes, limits).map_err(|refused| refused.into_error(Error::InvalidKey))?;
    if object.get("keys").is_none() {
        add_jwk(&jwk::parse_object(&object, limits)?, allowed, bound);
        return Ok(());
    }
    for entry in jwk::entries(&jwk::objects(&object, limits)?, limits)? {
        match entry {
            Ok(jwk) => add_jwk(&jwk, allowed, bound),
            // RFC 7517 §5: keys that are not understood are passed over.
            Err(why) => bound.refuse(Some(why)),
        }
    }
    Ok(())
}

fn add_jwk(jwk: &AnyJwk, allowed: &[Algorithm], bound: &mut Bound) {
    match jwk {
        AnyJwk::Public(jwk) => bound.add_public(jwk, allowed),
        AnyJwk::Private(jwk) => {
            bound.add(allowed, |alg| VerifyingKey::from_private_jwk(jwk, Some(alg)));
        }
    }
}
