//! An encrypted token from a stranger, read and decrypted; DEFLATE streams and plaintexts.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keytide_fuzz::jwe::run(bytes));
