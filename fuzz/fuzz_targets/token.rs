//! A compact JWS from a stranger: read, looked at and verified.
#![no_main]

use std::sync::LazyLock;

use keytide_jose::key::VerifyingKey;
use keytide_jose::{Algorithm, Limits, jws};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| {
    let secret: Vec<u8> = (0..32).collect();
    VerifyingKey::from_secret(Algorithm::HS256, &secret).expect("a fixed secret")
});

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    let seen = jws::inspect(text, &limits);
    let read = jws::Unverified::parse(text, &limits);
    // What the strict reader takes, the one for people shows.
    assert!(read.is_err() || seen.is_ok());
    if let Ok(token) = read {
        assert!(token.verify(&KEY).is_err(), "a forged token");
    }
});
