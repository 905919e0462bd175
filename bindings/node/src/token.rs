//! The segments of a compact token as the packages need them: the payload as text, when it is claims
//! that are read in one way only.

use base64_simd::URL_SAFE_NO_PAD;
use keytide_jose::{Limits, check_json};

/// A token in two parts: what is signed, and the signature.
pub(crate) struct Parts<'t> {
    pub(crate) signing_input: &'t str,
    pub(crate) signature: &'t str,
    payload: &'t str,
}

impl<'t> Parts<'t> {
    /// Exactly three segments, or `None`.
    pub(crate) fn split(token: &'t str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (_, payload) = signing_input.split_once('.')?;
        (!payload.contains('.')).then_some(Self { signing_input, signature, payload })
    }

    /// The payload's text, when it is canonical base64url of strict JSON: no name is there twice, and
    /// nothing is nested deeper or written longer than the engine's limits allow.
    pub(crate) fn strict_json(&self, limits: &Limits) -> Option<String> {
        let text = self.payload_text()?;
        check_json(text.as_bytes(), limits).ok()?;
        Some(text)
    }

    /// The payload's text, when it is canonical base64url of UTF-8.
    pub(crate) fn payload_text(&self) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode_to_vec(self.payload).ok()?;
        if encoded_otherwise(self.payload, &bytes) {
            return None;
        }
        String::from_utf8(bytes).ok()
    }
}

/// Bits of the last character that carry no data may be set in a text that still decodes.
fn encoded_otherwise(text: &str, bytes: &[u8]) -> bool {
    let whole = bytes.len() / 3 * 3;
    let rest = bytes.get(whole..).unwrap_or_default();
    !text.ends_with(&URL_SAFE_NO_PAD.encode_to_string(rest))
}
