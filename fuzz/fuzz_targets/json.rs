//! The strict JSON reader beside serde_json: it never takes what the other refuses.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::json::run(bytes));
