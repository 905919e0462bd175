//! Strict JSON for whoever takes documents from strangers: request bodies, configuration, key files.

use serde_json::Value;

use crate::{Error, Limits, Result, json};

/// Reads one JSON value: no duplicate names, no lone surrogates, nested no deeper than
/// [`Limits::json_depth`] (RFC 8259, RFC 7493 §2.3).
///
/// ```
/// use keytide_jose::{Limits, parse_json};
///
/// assert_eq!(parse_json(br#"{"a":1}"#, &Limits::default())?["a"], 1);
/// let twice = parse_json(br#"{"a":1,"a":2}"#, &Limits::default());
/// assert_eq!(twice.unwrap_err().code(), "malformed_json");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
///
/// # Errors
/// `malformed_json` with the place, never the value; `too_deep`.
pub fn parse_json(bytes: &[u8], limits: &Limits) -> Result<Value> {
    check_json(bytes, limits)?;
    serde_json::from_slice(bytes).map_err(|error| Error::MalformedJson(error.to_string()))
}

/// Checks what [`parse_json`] checks and builds nothing: for hosts that read JSON themselves, less
/// strictly.
///
/// # Errors
/// As [`parse_json`].
pub fn check_json(bytes: &[u8], limits: &Limits) -> Result<()> {
    json::check(bytes, limits).map_err(|refused| refused.into_error(Error::MalformedJson))
}
