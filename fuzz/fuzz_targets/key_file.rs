//! A key file of any format: PEM, DER, JWK, JWK Set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::key_file::run(bytes));
