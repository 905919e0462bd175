//! Signed content of any kind: JSON serialisations, detached payloads, `b64: false` (RFC 7515 §7.2,
//! appendix F; RFC 7797). It never becomes claims: a JWT is compact and encoded (RFC 7519 §3).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Header;
use super::header::Joint;
use crate::json::{self, Object, Refused};
use crate::key::{KeySet, VerifyingKey};
use crate::{Error, KeyId, Limits, Result, base64url};

/// Signed content whose signatures were not checked.
///
/// ```
/// use keytide_jose::{Algorithm, Limits, SystemRng, jws, key::SigningKey};
///
/// let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng)?;
/// let text = jws::sign_flattened(&key, &jws::ContentOptions::default(), b"any bytes")?;
/// let content = jws::UnverifiedContent::parse_json(text.as_bytes(), &Limits::default())?
///     .verify(&key.verifying_key())?;
/// assert_eq!(content.payload(), b"any bytes");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Debug)]
pub struct UnverifiedContent<'a> {
    /// As it goes into the signing input: encoded or, where `b64` is false, as it is.
    signed_payload: Cow<'a, [u8]>,
    payload: Cow<'a, [u8]>,
    signatures: Vec<Result<Entry>>,
}

/// One signature whose headers could be read.
#[derive(Debug)]
struct Entry {
    protected: String,
    header: Header,
    unprotected: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedContent<'a> {
    /// Reads the flattened or the general JSON serialisation (RFC 7515 §7.2).
    ///
    /// # Errors
    /// `malformed_token`, `too_large`, `too_deep`, and those of its headers where no signature has
    /// headers that can be read, as [`super::Unverified::parse`] has them. Otherwise what is wrong
    /// with one signature is told by [`UnverifiedContent::verify`], where no other holds.
    pub fn parse_json(text: &'a [u8], limits: &Limits) -> Result<Self> {
        let object = read(text, limits)?;
        let payload = string(&object, "payload")?
            .ok_or(Error::MalformedToken("the JSON has no payload, or it is detached"))?;
        let parts = signatures(&object, limits)?;
        Self::join(parts, limits, |encoded| {
            let signed = payload.clone().into_owned().into_bytes();
            let bytes = if encoded { decode(&payload)? } else { signed.clone() };
            Ok((Cow::Owned(signed), Cow::Owned(bytes)))
        })
    }

    /// Reads a JSON serialisation whose payload is carried apart (RFC 7515 appendix F).
    ///
    /// # Errors
    /// As [`UnverifiedContent::parse_json`]; also `malformed_token` when there is a payload in it.
    pub fn parse_json_detached(text: &[u8], payload: &'a [u8], limits: &Limits) -> Result<Self> {
        let object = read(text, limits)?;
        if object.get("payload").is_some() {
            return Err(Error::MalformedToken("the payload is not detached"));
        }
        let parts = signatures(&object, limits)?;
        Self::join(parts, limits, |encoded| Ok(detached(encoded, payload)))
    }

    /// Reads a compact JWS of content. Where `b64` is false the payload is taken as it is
    /// (RFC 7797 §5.2).
    ///
    /// # Errors
    /// `malformed_token`, `too_large`, and those of its header.
    pub fn parse_compact(token: &'a str, limits: &Limits) -> Result<Self> {
        let (part, payload) = compact(token, limits)?;
        Self::join(vec![part], limits, |encoded| {
            let bytes = if encoded {
                Cow::Owned(decode(payload)?)
            } else {
                Cow::Borrowed(payload.as_bytes())
            };
            Ok((Cow::Borrowed(payload.as_bytes()), bytes))
        })
    }

    /// Reads a compact JWS with nothing between its dots, whose payload is carried apart
    /// (RFC 7515 appendix F, RFC 7797 §5.1).
    ///
    /// # Errors
    /// `malformed_token`, also when there is a payload in it; `too_large`, and those of its header.
    pub fn parse_detached(token: &str, payload: &'a [u8], limits: &Limits) -> Result<Self> {
        let (part, inside) = compact(token, limits)?;
        if !inside.is_empty() {
            return Err(Error::MalformedToken("the payload is not detached"));
        }
        Self::join(vec![part], limits, |encoded| Ok(detached(encoded, payload)))
    }

    /// Checks the signatures with one key; one of its algorithm that holds is enough
    /// (RFC 7515 §5.2).
    ///
    /// # Errors
    /// What was wrong with the last signature: `bad_signature`, `key_alg_mismatch`, `unknown_kid`,
    /// or an error of its headers as [`super::Unverified::parse`] has them.
    pub fn verify(self, key: &VerifyingKey) -> Result<VerifiedContent> {
        self.first_that_holds(|entry| {
            if entry.header.algorithm() != key.algorithm() {
                return Err(Error::KeyAlgMismatch(format!(
                    "the content is signed with {}, the key is for {}",
                    entry.header.algorithm(),
                    key.algorithm()
                )));
            }
            match (entry.header.key_id(), key.key_id()) {
                (Some(named), Some(own)) if !named.is(own) => {
                    Err(Error::UnknownKid { kid: named.for_lookup().into() })
                }
                _ => Ok(vec![key]),
            }
        })
    }

    /// Checks the signatures with the keys of a set that `kid` and algorithm point to; one that
    /// holds is enough.
    ///
    /// # Errors
    /// As [`UnverifiedContent::verify`] and [`KeySet::find`].
    pub fn verify_any(self, keys: &KeySet) -> Result<VerifiedContent> {
        self.first_that_holds(|entry| {
            Ok(keys.find(entry.header.key_id(), entry.header.algorithm())?.collect())
        })
    }

    fn first_that_holds<'k>(
        self,
        candidates: impl Fn(&Entry) -> Result<Vec<&'k VerifyingKey>>,
    ) -> Result<VerifiedContent> {
        let Self { signed_payload, payload, signatures } = self;
        let mut why = Error::MalformedToken("it has no signature");
        for entry in signatures {
            let tried = entry.and_then(|entry| {
                let keys = candidates(&entry)?;
                let mut input = entry.protected.clone().into_bytes();
                input.push(b'.');
                input.extend_from_slice(&signed_payload);
                let key = keys
                    .into_iter()
                    .find(|key| key.verify(&input, &entry.signature).is_ok())
                    .ok_or(Error::BadSignature)?;
                Ok((entry, key.key_id().cloned()))
            });
            match tried {
                Ok((Entry { header, unprotected, .. }, key_id)) => {
                    let payload = payload.into_owned();
                    return Ok(VerifiedContent { payload, header, unprotected, key_id });
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// Puts the parts together; `payload` gives what was signed and what it stands for.
    fn join(
        parts: Vec<Part<'_>>,
        limits: &Limits,
        payload: impl Fn(bool) -> Result<(Cow<'a, [u8]>, Cow<'a, [u8]>)>,
    ) -> Result<Self> {
        let mut encodings: Vec<bool> = Vec::new();
        let mut signatures = Vec::with_capacity(parts.len());
        for part in parts {
            signatures.push(part.read(limits).map(|(entry, encoded)| {
                encodings.push(encoded);
                entry
            }));
        }
        if encodings.is_empty() {
            let first = signatures.into_iter().find_map(Result::err);
            return Err(first.unwrap_or(Error::MalformedToken("it has no signature")));
        }
        // RFC 7797 §3: all signatures agree on b64, or the payload would mean two things.
        let encoded = encodings.first().copied().unwrap_or(true);
        if encodings.iter().any(|other| *other != encoded) {
            return Err(Error::MalformedToken("its signatures differ in b64"));
        }
        let (signed_payload, payload) = payload(encoded)?;
        Ok(Self { signed_payload, payload, signatures })
    }
}

/// Content whose signature holds. It is no JWT, and does not become one.
#[derive(Debug)]
pub struct VerifiedContent {
    payload: Vec<u8>,
    header: Header,
    unprotected: Map<String, Value>,
    key_id: Option<KeyId>,
}

impl VerifiedContent {
    /// The payload's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The protected header; its `alg` and `kid` may have come from the unprotected one, all else
    /// is covered by the signature.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The unprotected header, which anybody on the way could have written.
    #[must_use]
    pub fn unprotected_header(&self) -> &Map<String, Value> {
        &self.unprotected
    }

    /// The `kid` of the key that verified.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }
}

/// One signature as it stands in the text.
struct Part<'t> {
    protected: Cow<'t, str>,
    unprotected: Option<&'t str>,
    signature: Cow<'t, str>,
}

impl Part<'_> {
    fn read(self, limits: &Limits) -> Result<(Entry, bool)> {
        if self.protected.len() / 4 * 3 > limits.header {
            return Err(Error::TooLarge { limit: "header", max: limits.header });
        }
        let json = base64url::decode(&self.protected)
            .ok_or(Error::MalformedToken("the header is not canonical base64url"))?;
        let Joint { header, unprotected, encoded } =
            Joint::parse(&json, self.unprotected, limits, &[])?;
        let signature = base64url::decode(&self.signature)
            .ok_or(Error::MalformedToken("the signature is not canonical base64url"))?;
        let protected = self.protected.into_owned();
        Ok((Entry { protected, header, unprotected, signature }, encoded))
    }
}

fn compact<'t>(token: &'t str, limits: &Limits) -> Result<(Part<'t>, &'t str)> {
    if token.len() > limits.token {
        return Err(Error::TooLarge { limit: "token", max: limits.token });
    }
    let segments: Vec<&str> = token.splitn(4, '.').collect();
    let [protected, payload, signature] = segments.as_slice() else {
        return Err(Error::MalformedToken("it has not three segments"));
    };
    if protected.is_empty() {
        return Err(Error::MalformedToken("the header is empty"));
    }
    let part =
        Part { protected: (*protected).into(), unprotected: None, signature: (*signature).into() };
    Ok((part, payload))
}

fn signatures<'t>(object: &Object<'t>, limits: &Limits) -> Result<Vec<Part<'t>>> {
    let Some(array) = object.get("signatures") else { return Ok(vec![part(object)?]) };
    // RFC 7515 §7.2.2: one form or the other.
    if ["signature", "protected", "header"].iter().any(|name| object.get(name).is_some()) {
        return Err(Error::MalformedToken("it mixes the general and the flattened form"));
    }
    let elements =
        json::elements(array, limits).ok_or(Error::MalformedToken("signatures is not an array"))?;
    if elements.is_empty() {
        return Err(Error::MalformedToken("it has no signature"));
    }
    if elements.len() > limits.signatures {
        return Err(Error::TooLarge { limit: "signatures", max: limits.signatures });
    }
    elements.into_iter().map(|element| part(&read(element.as_bytes(), limits)?)).collect()
}

fn part<'t>(object: &Object<'t>) -> Result<Part<'t>> {
    let signature =
        string(object, "signature")?.ok_or(Error::MalformedToken("it has no signature"))?;
    let protected = string(object, "protected")?;
    // RFC 7515 §7.2.1: absent when it would be empty.
    if protected.as_deref() == Some("") {
        return Err(Error::MalformedToken("the protected header is empty"));
    }
    let protected = protected.unwrap_or_default();
    Ok(Part { protected, unprotected: object.get("header"), signature })
}

/// Reads the strict object that a serialisation is.
pub(crate) fn read<'t>(text: &'t [u8], limits: &Limits) -> Result<Object<'t>> {
    if text.len() > limits.token {
        return Err(Error::TooLarge { limit: "token", max: limits.token });
    }
    Object::parse(text, limits).map_err(|refused| match refused {
        Refused::TooDeep(max) => Error::TooDeep { max },
        Refused::Duplicate(_) => Error::MalformedToken("a member is there twice"),
        Refused::Syntax(..) | Refused::NotAnObject => {
            Error::MalformedToken("it is not a strict JSON object")
        }
    })
}

fn string<'t>(object: &Object<'t>, name: &'static str) -> Result<Option<Cow<'t, str>>> {
    object.string(name).map_err(|_| Error::MalformedToken("a member is not a string"))
}

fn decode(payload: &str) -> Result<Vec<u8>> {
    base64url::decode(payload)
        .ok_or(Error::MalformedToken("the payload is not canonical base64url"))
}

fn detached(encoded: bool, payload: &[u8]) -> (Cow<'_, [u8]>, Cow<'_, [u8]>) {
    let signed = if encoded {
        Cow::Owned(base64url::encode(payload).into_bytes())
    } else {
        Cow::Borrowed(payload)
    };
    (signed, Cow::Borrowed(payload))
}
