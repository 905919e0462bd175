//! The strict JSON reader beside serde_json: it never takes what the other refuses.

use keytide_jose::{Limits, parse_json};
use serde_json::Value;

/// Runs it on one input.
pub fn run(bytes: &[u8]) {
    let ours = parse_json(bytes, &Limits::default());
    let theirs = serde_json::from_slice::<Value>(bytes);
    if let Ok(value) = ours {
        assert_eq!(value, theirs.expect("serde_json is the laxer one"));
    }
}
