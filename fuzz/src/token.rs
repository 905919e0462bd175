//! A compact JWS from a stranger: read, looked at and verified.

use std::sync::LazyLock;

use keytide_jose::key::VerifyingKey;
use keytide_jose::{Algorithm, Limits, jws};

/// Runs it on one input.
pub fn run(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let limits = Limits::default();
    let seen = jws::inspect(text, &limits);
    let read = jws::Unverified::parse(text, &limits);
    // What the strict reader takes, the one for people shows.
    assert!(read.is_err() || seen.is_ok());
    if let Ok(token) = read {
        assert!(token.verify(&KEY).is_err(), "a forged token");
    }
}

static KEY: LazyLock<VerifyingKey> = LazyLock::new(|| {
    let secret: Vec<u8> = (0..32).collect();
    VerifyingKey::from_secret(Algorithm::HS256, &secret).expect("a fixed secret")
});
