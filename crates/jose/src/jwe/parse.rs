//! From text to an encrypted token that was read and nothing more (RFC 7516 §5.2, steps 1–5).

use std::borrow::Cow;

use super::Header;
use crate::json::{self, Object};
use crate::jws::read_object;
use crate::{Error, Limits, Result, base64url};

/// A token that was not decrypted, and whose tag was not checked.
#[derive(Debug)]
pub struct UnverifiedJwe {
    pub(super) recipients: Vec<Result<Recipient>>,
    /// The encoded protected header, then a dot and the encoded further data where there is some
    /// (RFC 7516 §5.1, step 14).
    pub(super) aad: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
    pub(super) limits: Limits,
}

/// One recipient whose headers could be read.
#[derive(Debug)]
pub(super) struct Recipient {
    pub(super) header: Header,
    pub(super) encrypted_key: Vec<u8>,
}

impl Recipient {
    /// Reads a recipient's part of the JSON form.
    fn read<'a>(
        part: &Object<'a>,
        protected: &Object<'a>,
        shared: &Object<'a>,
        limits: &Limits,
    ) -> Result<Self> {
        let own = header_object(part.get("header").unwrap_or("{}").as_bytes(), limits)?;
        let header = Header::parse(protected, &[shared, &own], limits)?;
        let encrypted_key = optional(part, "encrypted_key")?;
        Ok(Self { header, encrypted_key })
    }
}

impl UnverifiedJwe {
    /// Reads a compact JWE: exactly five segments of canonical base64url, and a strict header.
    ///
    /// # Errors
    /// `too_large`, `too_deep`, `malformed_token`, `malformed_header`, `alg_not_allowed` for an
    /// unknown algorithm, `crit_malformed`, `crit_unsupported`, `jwe_param`; `invalid_key` when the
    /// sender's point is not on its curve.
    pub fn parse(token: &str, limits: &Limits) -> Result<Self> {
        if token.len() > limits.token {
            return Err(Error::TooLarge { limit: "token", max: limits.token });
        }
        let segments: Vec<&str> = token.splitn(6, '.').collect();
        let [protected, encrypted_key, iv, ciphertext, tag] = segments.as_slice() else {
            return Err(Error::MalformedToken("it has not five segments"));
        };
        if protected.is_empty() {
            return Err(Error::MalformedToken("the header is empty"));
        }
        let json = header_text(protected, limits)?;
        let header = Header::parse(&header_object(&json, limits)?, &[], limits)?;
        let recipient = Recipient { header, encrypted_key: decode(encrypted_key)? };
        Ok(Self {
            recipients: vec![Ok(recipient)],
            aad: protected.as_bytes().to_vec(),
            iv: decode(iv)?,
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
            limits: limits.clone(),
        })
    }

    /// Reads the flattened or the general JSON serialisation (RFC 7516 §7.2).
    ///
    /// # Errors
    /// As [`UnverifiedJwe::parse`]; what is wrong with the headers of one recipient is told when
    /// decrypting, where no other recipient's key fits.
    pub fn parse_json(text: &[u8], limits: &Limits) -> Result<Self> {
        #[expect(clippy::needless_late_init, reason = "declared first, it outlives what reads it")]
        let json;
        let object = read_object(text, limits)?;
        let protected = string(&object, "protected")?;
        // RFC 7516 §7.2.1: absent when it would be empty.
        if protected.as_deref() == Some("") {
            return Err(Error::MalformedToken("the protected header is empty"));
        }
        let protected = protected.unwrap_or_default();
        json = match &*protected {
            "" => b"{}".to_vec(),
            some => header_text(some, limits)?,
        };
        let protected_header = header_object(&json, limits)?;
        let shared = object.get("unprotected").unwrap_or("{}");
        let shared = header_object(shared.as_bytes(), limits)?;
        let recipients = match recipients(&object, limits)? {
            None => vec![Ok(Recipient::read(&object, &protected_header, &shared, limits)?)],
            Some(parts) => parts
                .iter()
                .map(|part| Recipient::read(part, &protected_header, &shared, limits))
                .collect(),
        };
        refuse_differing_enc(&recipients)?;
        let mut aad = protected.into_owned().into_bytes();
        if let Some(further) = string(&object, "aad")? {
            decode(&further)?;
            aad.push(b'.');
            aad.extend_from_slice(further.as_bytes());
        }
        Ok(Self {
            recipients,
            aad,
            iv: optional(&object, "iv")?,
            ciphertext: optional(&object, "ciphertext")?,
            tag: optional(&object, "tag")?,
            limits: limits.clone(),
        })
    }

    /// The headers of the recipients, to look a key up; one for the compact and flattened forms.
    pub fn headers(&self) -> impl Iterator<Item = &Header> {
        self.recipients.iter().flatten().map(|recipient| &recipient.header)
    }
}

fn recipients<'t>(object: &Object<'t>, limits: &Limits) -> Result<Option<Vec<Object<'t>>>> {
    let Some(array) = object.get("recipients") else { return Ok(None) };
    // RFC 7516 §7.2.2: one form or the other.
    if ["header", "encrypted_key"].iter().any(|name| object.get(name).is_some()) {
        return Err(Error::MalformedToken("it mixes the general and the flattened form"));
    }
    let elements =
        json::elements(array, limits).ok_or(Error::MalformedToken("recipients is not an array"))?;
    if elements.is_empty() {
        return Err(Error::MalformedToken("it has no recipient"));
    }
    if elements.len() > limits.signatures {
        return Err(Error::TooLarge { limit: "signatures", max: limits.signatures });
    }
    elements
        .into_iter()
        .map(|element| read_object(element.as_bytes(), limits))
        .collect::<Result<_>>()
        .map(Some)
}

/// RFC 7516 §7.2.1: `enc` is the same for all, for there is one ciphertext.
fn refuse_differing_enc(recipients: &[Result<Recipient>]) -> Result<()> {
    let mut all = recipients.iter().flatten().map(|recipient| recipient.header.content_algorithm());
    let first = all.next();
    if all.any(|other| Some(other) != first) {
        return Err(Error::MalformedToken("its recipients differ in enc"));
    }
    Ok(())
}

fn header_text(encoded: &str, limits: &Limits) -> Result<Vec<u8>> {
    // Four characters stand for three bytes.
    if encoded.len() / 4 * 3 > limits.header {
        return Err(Error::TooLarge { limit: "header", max: limits.header });
    }
    base64url::decode(encoded).ok_or(Error::MalformedToken("the header is not canonical base64url"))
}

fn header_object<'t>(json: &'t [u8], limits: &Limits) -> Result<Object<'t>> {
    if json.len() > limits.header {
        return Err(Error::TooLarge { limit: "header", max: limits.header });
    }
    Object::parse(json, limits).map_err(|refused| refused.into_error(Error::MalformedHeader))
}

fn optional(object: &Object<'_>, name: &'static str) -> Result<Vec<u8>> {
    string(object, name)?.map_or(Ok(Vec::new()), |value| decode(&value))
}

fn string<'t>(object: &Object<'t>, name: &'static str) -> Result<Option<Cow<'t, str>>> {
    object.string(name).map_err(|_| Error::MalformedToken("a member is not a string"))
}

fn decode(text: &str) -> Result<Vec<u8>> {
    base64url::decode(text).ok_or(Error::MalformedToken("a segment is not canonical base64url"))
}
