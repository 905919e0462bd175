//! The strict JSON reader beside serde_json: it never takes what the other refuses.
#![no_main]

use keytide_jose::{Limits, parse_json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let ours = parse_json(bytes, &Limits::default());
    let theirs = serde_json::from_slice::<Value>(bytes);
    if let Ok(value) = ours {
        assert_eq!(value, theirs.expect("serde_json is the laxer one"));
    }
});
