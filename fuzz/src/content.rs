//! Signed content in JSON, detached and unencoded forms.

use keytide_jose::key::KeySet;
use keytide_jose::{Limits, jws};

/// Runs it on one input.
pub fn run(bytes: &[u8]) {
    let limits = Limits::default();
    let no_keys = KeySet::default();
    let forged = |content: keytide_jose::Result<jws::UnverifiedContent<'_>>| {
        if let Ok(content) = content {
            assert!(content.verify_any(&no_keys).is_err());
        }
    };
    forged(jws::UnverifiedContent::parse_json(bytes, &limits));
    forged(jws::UnverifiedContent::parse_json_detached(bytes, b"payload", &limits));
    if let Ok(text) = core::str::from_utf8(bytes) {
        forged(jws::UnverifiedContent::parse_compact(text, &limits));
        forged(jws::UnverifiedContent::parse_detached(text, b"payload", &limits));
    }
}
