//! JWKs and JWK Sets; whatever is read is written and read again the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::jwk::run(bytes));
