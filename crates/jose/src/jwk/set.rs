//! JWK Sets (RFC 7517 §5): the public keys of an issuer, written always in the same bytes.

use serde::Serialize;

use super::{AnyJwk, PRIVATE_MEMBERS, PublicJwk, parse_object};
use crate::json::{self, Object};
use crate::{Error, KeyId, Limits, Result};

/// A set of public keys.
///
/// ```
/// use keytide_jose::{Limits, jwk::JwkSet};
///
/// let set = JwkSet::parse(br#"{"keys":[
///     {"kty":"FUTURE","kid":"f"},
///     {"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
/// ]}"#, &Limits::default())?;
/// assert_eq!(set.keys().len(), 1);
/// assert_eq!(set.ignored().len(), 1);
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<PublicJwk>,
    #[serde(skip)]
    ignored: Vec<Ignored>,
}

/// A key of a set that was passed over, as RFC 7517 §5 asks for keys that are not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// Its place in the array, from 0.
    pub index: usize,
    /// Why.
    pub reason: Error,
}

impl JwkSet {
    /// Puts keys together.
    ///
    /// # Errors
    /// `invalid_key` when two keys of the same type have the same `kid`.
    pub fn new(keys: impl IntoIterator<Item = PublicJwk>) -> Result<Self> {
        let keys: Vec<PublicJwk> = keys.into_iter().collect();
        refuse_same_kid(keys.iter().map(|jwk| {
            let kid = jwk.key_id()?.as_str().to_owned();
            Some((kid, jwk.key_type().to_owned()))
        }))?;
        Ok(Self { keys, ignored: Vec::new() })
    }

    /// Reads a set. Keys of unknown types, or with values out of range, are passed over and listed
    /// by [`JwkSet::ignored`].
    ///
    /// # Errors
    /// `invalid_key` when `keys` is no array of objects, a key holds a private or secret member, or
    /// two keys of the same type share a `kid`; `too_large`, `too_deep`.
    pub fn parse(json: &[u8], limits: &Limits) -> Result<Self> {
        if json.len() > limits.jwks {
            return Err(Error::TooLarge { limit: "jwks", max: limits.jwks });
        }
        let object =
            Object::parse(json, limits).map_err(|refused| refused.into_error(Error::InvalidKey))?;
        let jwks = objects(&object, limits)?;
        // Whether or not such a key is understood: somebody published a secret.
        let private = |jwk: &Object<'_>| PRIVATE_MEMBERS.iter().any(|name| jwk.get(name).is_some());
        if let Some(index) = jwks.iter().position(private) {
            return Err(Error::InvalidKey(format!(
                "key {index} of the public set has private members"
            )));
        }
        let mut set = Self::default();
        for (index, entry) in entries(&jwks, limits)?.into_iter().enumerate() {
            match entry {
                Ok(AnyJwk::Public(jwk)) => set.keys.push(jwk),
                Ok(AnyJwk::Private(_)) => {
                    return Err(invalid("a key of the public set is private"));
                }
                Err(reason) => set.ignored.push(Ignored { index, reason }),
            }
        }
        Ok(set)
    }

    /// The keys, in the set's order.
    #[must_use]
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The keys that were passed over when the set was read.
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The first key of this `kid`.
    #[must_use]
    pub fn get(&self, key_id: &KeyId) -> Option<&PublicJwk> {
        self.keys.iter().find(|jwk| jwk.key_id() == Some(key_id))
    }

    /// The JSON text: the same keys in the same order always give the same bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and arrays always serialise")
    }
}

/// What each JWK turned out to be; refused as a whole when a `kid` is there twice.
pub(crate) fn entries(jwks: &[Object<'_>], limits: &Limits) -> Result<Vec<Result<AnyJwk>>> {
    let member = |jwk: &Object<'_>, name| Some(jwk.string(name).ok()??.into_owned());
    refuse_same_kid(jwks.iter().map(|jwk| Some((member(jwk, "kid")?, member(jwk, "kty")?))))?;
    Ok(jwks.iter().map(|jwk| parse_object(jwk, limits)).collect())
}

/// The JWKs of a set, not yet understood.
pub(crate) fn objects<'a>(object: &Object<'a>, limits: &Limits) -> Result<Vec<Object<'a>>> {
    let array = object.get("keys").ok_or_else(|| invalid("the JWK Set has no keys"))?;
    let array = json::elements(array, limits).ok_or_else(|| invalid("keys is not an array"))?;
    if array.len() > limits.jwks_keys {
        return Err(Error::TooLarge { limit: "jwks_keys", max: limits.jwks_keys });
    }
    array
        .into_iter()
        .map(|element| {
            Object::parse(element.as_bytes(), limits)
                .map_err(|refused| refused.into_error(Error::InvalidKey))
        })
        .collect()
}

/// Refuses a set in which a `kid` would not tell which key is meant. Equivalent keys of different
/// types may share one (RFC 7517 §4.5).
fn refuse_same_kid(keys: impl Iterator<Item = Option<(String, String)>>) -> Result<()> {
    let mut named: Vec<(String, String)> = keys.flatten().collect();
    named.sort_unstable();
    match named.iter().zip(named.iter().skip(1)).find(|(a, b)| a == b) {
        Some(((kid, _), _)) => Err(Error::InvalidKey(format!("two keys have the kid {kid:.80?}"))),
        None => Ok(()),
    }
}

fn invalid(what: &str) -> Error {
    Error::InvalidKey(what.into())
}
