//! A compact token taken apart: three segments in canonical base64url.

use base64_simd::URL_SAFE_NO_PAD;
use keytide_jose::Algorithm;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::json_read;

/// A longer header has more in it than what an ordinary token needs.
const LONGEST_HEADER: usize = 1024;

/// The parts of a token; nothing is known of its header yet.
pub(crate) struct Content<'a> {
    pub(crate) header: &'a str,
    pub(crate) signing_input: &'a str,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Content<'a> {
    /// `None` where the token is malformed, or written in a way that needs a closer look.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let (signing_input, signature) = text.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Some(Self { header, signing_input, payload, signature })
    }
}

/// A header that says nothing out of the ordinary; `None` for any other.
pub(crate) fn ordinary_header<'py>(py: Python<'py>, segment: &str) -> Option<Bound<'py, PyDict>> {
    if segment.len() > LONGEST_HEADER {
        return None;
    }
    let header = json_read::object(py, &decode(segment)?)?;
    if header.contains("crit").ok()? || header.contains("b64").ok()? {
        return None;
    }
    match header.get_item("kid").ok()? {
        Some(kid) if !kid.is_instance_of::<PyString>() => None,
        _ => Some(header),
    }
}

/// The algorithm that a header names, where the engine has it.
pub(crate) fn algorithm(header: &Bound<'_, PyDict>) -> Option<Algorithm> {
    let alg = header.get_item("alg").ok()??;
    alg.cast::<PyString>().ok()?.to_cow().ok()?.parse().ok()
}

/// The bytes behind a segment; `None` for a spelling that is not canonical.
fn decode(segment: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(segment).ok()
}

/// Appends bytes to a token.
pub(crate) fn append(token: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_append(bytes, token);
}
