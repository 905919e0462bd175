//! From text to a token that was read and nothing more (RFC 7515 §5.2, steps 1–7).

use memchr::{memchr, memrchr};

use super::Header;
use crate::{Algorithm, Error, KeyId, Limits, Result, Untrusted, base64url};

/// A token whose signature was not checked. Its payload cannot be reached; [`Unverified::verify`]
/// and [`Unverified::verify_any`] are the only ways on.
///
/// ```compile_fail
/// # use keytide_jose::{Limits, jws::Unverified};
/// let token = Unverified::parse("e30.e30.", &Limits::default()).unwrap();
/// token.payload();
/// ```
#[derive(Debug)]
pub struct Unverified<'a> {
    pub(super) signing_input: &'a str,
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) limits: Limits,
}

impl<'a> Unverified<'a> {
    /// Reads a compact JWS: exactly three segments of canonical base64url, and a strict header.
    ///
    /// ```
    /// use keytide_jose::{Limits, jws::Unverified};
    ///
    /// let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    /// let error = Unverified::parse(unsigned, &Limits::default()).unwrap_err();
    /// assert_eq!(error.code(), "alg_not_allowed");
    /// ```
    ///
    /// # Errors
    /// `too_large`, `too_deep`, `malformed_token`, `malformed_header`, `alg_not_allowed` for an
    /// unknown algorithm or `none`, `crit_malformed`, `crit_unsupported`, `b64_forbidden`.
    pub fn parse(token: &'a str, limits: &Limits) -> Result<Self> {
        Self::parse_understanding(token, limits, &[])
    }

    /// As [`Unverified::parse`], accepting these extension names in `crit`. Whoever names one must
    /// obey it, reading it from [`Header::params`].
    ///
    /// # Errors
    /// As [`Unverified::parse`].
    pub fn parse_understanding(
        token: &'a str,
        limits: &Limits,
        understood: &[&str],
    ) -> Result<Self> {
        let segments = Segments::split(token, limits)?;
        let header = Header::parse(&segments.header()?, limits, understood)?;
        let payload = segments.payload()?;
        let signature = segments.signature()?;
        Ok(Self {
            signing_input: segments.signing_input,
            header,
            payload,
            signature,
            limits: limits.clone(),
        })
    }

    /// The algorithm that the header names. A key is never chosen by it alone.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm()
    }

    /// The `kid` that the header names, to look a key up.
    #[must_use]
    pub fn key_id(&self) -> Option<&Untrusted<KeyId>> {
        self.header.key_id()
    }
}

impl Unverified<'_> {
    /// The whole header, for the one kind of token that brings its own key.
    pub(crate) fn header_of_proof(&self) -> &Header {
        &self.header
    }
}

/// The three segments of a compact token, still encoded.
pub(crate) struct Segments<'a> {
    pub(crate) signing_input: &'a str,
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    max_header: usize,
}

impl<'a> Segments<'a> {
    pub(crate) fn split(token: &'a str, limits: &Limits) -> Result<Self> {
        if token.len() > limits.token {
            return Err(Error::TooLarge { limit: "token", max: limits.token });
        }
        const MALFORMED: Error = Error::MalformedToken("it has not three segments");
        let (Some(first), Some(last)) =
            (memchr(b'.', token.as_bytes()), memrchr(b'.', token.as_bytes()))
        else {
            return Err(MALFORMED);
        };
        let (signing_input, signature) = split_at_dot(token, last);
        let (header, _) = split_at_dot(token, first);
        let Some(payload) = signing_input.get(first + 1..) else { return Err(MALFORMED) };
        if memchr(b'.', payload.as_bytes()).is_some() {
            return Err(MALFORMED);
        }
        if header.is_empty() {
            return Err(Error::MalformedToken("the header is empty"));
        }
        Ok(Self { signing_input, header, payload, signature, max_header: limits.header })
    }

    pub(crate) fn header(&self) -> Result<Vec<u8>> {
        // Four characters stand for three bytes.
        if self.header.len() / 4 * 3 > self.max_header {
            return Err(Error::TooLarge { limit: "header", max: self.max_header });
        }
        base64url::decode(self.header)
            .ok_or(Error::MalformedToken("the header is not canonical base64url"))
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>> {
        base64url::decode(self.payload)
            .ok_or(Error::MalformedToken("the payload is not canonical base64url"))
    }

    pub(crate) fn signature(&self) -> Result<Vec<u8>> {
        base64url::decode(self.signature)
            .ok_or(Error::MalformedToken("the signature is not canonical base64url"))
    }
}

/// The texts on both sides of the dot at this byte.
fn split_at_dot(text: &str, at: usize) -> (&str, &str) {
    let (before, from) = text.split_at(at);
    (before, from.get(1..).unwrap_or_default())
}
