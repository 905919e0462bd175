//! A compact token taken apart: three segments in canonical base64url.

use base64_simd::URL_SAFE_NO_PAD;
use keytide_jose::Algorithm;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::json_read;

/// A token whose header says nothing out of the ordinary; anything else is for the long way.
pub(crate) struct Token<'a, 'py> {
    pub(crate) signing_input: &'a str,
    pub(crate) header: Bound<'py, PyDict>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a, 'py> Token<'a, 'py> {
    /// `None` where the token is malformed, or well-formed in a way that needs a closer look.
    pub(crate) fn read(py: Python<'py>, text: &'a str) -> Option<Self> {
        let (signing_input, signature) = text.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let header = json_read::object(py, &decode(header)?)?;
        let ordinary = |name: &str| !header.contains(name).unwrap_or(true);
        if !(ordinary("crit") && ordinary("b64")) {
            return None;
        }
        if let Some(kid) = header.get_item("kid").ok()?
            && !kid.is_instance_of::<PyString>()
        {
            return None;
        }
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Some(Self { signing_input, header, payload, signature })
    }

    /// The algorithm that the header names, where the engine has it.
    pub(crate) fn algorithm(&self) -> Option<Algorithm> {
        let alg = self.header.get_item("alg").ok()??;
        alg.cast::<PyString>().ok()?.to_cow().ok()?.parse().ok()
    }

    /// The `kid` of the header.
    pub(crate) fn key_id(&self) -> Option<String> {
        self.header.get_item("kid").ok()??.extract().ok()
    }
}

/// The bytes behind a segment; `None` for a spelling that is not canonical.
pub(crate) fn decode(segment: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(segment).ok()
}

/// Appends bytes to a token.
pub(crate) fn append(token: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_append(bytes, token);
}
