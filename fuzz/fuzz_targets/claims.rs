//! Any payload under a signature that holds: the claims and the policy.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::claims::run(bytes));
