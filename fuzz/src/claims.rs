//! Any payload under a signature that holds: the claims and the policy.

use std::sync::LazyLock;
use std::time::Duration;

use keytide_jose::jwt::{NumericDate, Policy};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, Limits, jws};
use serde_json::{Map, Value};

/// Runs it on one input.
pub fn run(payload: &[u8]) {
    let token = jws::sign_compact(&KEY, &Map::new(), payload).expect("HMAC signs anything");
    let open = Policy::builder()
        .danger()
        .any_issuer()
        .danger()
        .any_audience()
        .danger()
        .any_typ()
        .danger()
        .allow_no_expiry();
    let strict = open
        .clone()
        .subject("alice")
        .require("jti")
        .max_age(Duration::from_secs(60))
        .max_token_life(Duration::from_secs(60))
        .min_remaining(Duration::from_secs(1))
        .claim_equals("a", 1)
        .bound_to_certificate(b"der")
        .build();
    let check = |policy: &Policy| {
        jws::Unverified::parse(&token, &Limits::default())
            .ok()?
            .verify(&KEY.verifying_key())
            .ok()?
            .check::<Value>(policy, NumericDate::from_secs(1_900_000_000))
            .ok()
    };
    let lax = check(&open.build());
    // Whatever passes the stricter policy passes the laxer one.
    assert!(check(&strict).is_none() || lax.is_some());
    if let Some(claims) = lax {
        assert!(claims.get().is_object());
    }
}

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let secret: Vec<u8> = (0..32).collect();
    SigningKey::from_secret(Algorithm::HS256, &secret).expect("a fixed secret")
});
