//! Looking into a token without verifying it, for people: nothing here can become claims.

use serde::Serialize;
use serde_json::{Map, Value};

use super::parse::Segments;
use crate::json::Object;
use crate::{Error, Limits, Result};

/// What an unverified token says. It proves nothing; anyone can write such a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The header parameters, of whatever algorithm.
    pub unverified_header: Map<String, Value>,
    /// The payload, when it is a JSON object.
    pub unverified_payload: Option<Map<String, Value>>,
    /// The payload's bytes.
    #[serde(skip)]
    pub unverified_payload_bytes: Vec<u8>,
    /// How many bytes the signature has.
    pub signature_len: usize,
}

/// Reads a token for display only, whatever its algorithm, `none` included.
///
/// ```
/// use keytide_jose::{Limits, jws};
///
/// let seen = jws::inspect("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", &Limits::default())?;
/// assert_eq!(seen.unverified_header["alg"], "none");
/// assert_eq!(seen.unverified_payload.unwrap()["sub"], "a");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `too_large`, `too_deep`, `malformed_token`, `malformed_header`.
pub fn inspect(token: &str, limits: &Limits) -> Result<Inspection> {
    let segments = Segments::split(token, limits)?;
    let header = segments.header()?;
    let unverified_header = object(&header, limits, Error::MalformedHeader)?;
    let payload = segments.payload()?;
    Ok(Inspection {
        unverified_header,
        unverified_payload: object(&payload, limits, Error::MalformedPayload).ok(),
        unverified_payload_bytes: payload,
        signature_len: segments.signature()?.len(),
    })
}

fn object(json: &[u8], limits: &Limits, wrap: fn(String) -> Error) -> Result<Map<String, Value>> {
    let object = Object::parse(json, limits).map_err(|refused| refused.into_error(wrap))?;
    serde_json::from_str(object.text()).map_err(|_| wrap("a value cannot be read".into()))
}
