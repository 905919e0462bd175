//! Signed content in JSON, detached and unencoded forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::content::run(bytes));
