//! A compact JWS from a stranger: read, looked at and verified.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::token::run(bytes));
