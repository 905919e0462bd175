//! The workload "T": one token a service sees a thousand times a second, and its claims as a type.

use keytide_jose::jwt::{NumericDate, Policy};
use serde::{Deserialize, Serialize};

/// The shared secret of the HMAC rows: 32 bytes.
pub const SECRET: &[u8; 32] = b"\x8f\x1c9\xa7\x02\xd4k\xee3P\x9d\xfb\x16\xc8*q\x94\x0d\xb5^\xe2\x7fH\x03\xaa\x69\xdc\x21\xf6\x4b\x90\x5a";
/// The `kid` in the header.
pub const KID: &str = "2026-11-key-1";
/// The expected `iss`.
pub const ISSUER: &str = "https://id.example.com";
/// The expected `aud`.
pub const AUDIENCE: &str = "https://api.example.com";
/// Bytes of the HS256 token.
pub const TOKEN_LEN: usize = 417;

/// The nine claims.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Claims {
    /// Who issued the token.
    pub iss: String,
    /// Whom it speaks of.
    pub sub: String,
    /// For whom it is.
    pub aud: String,
    /// Until when it is good.
    pub exp: i64,
    /// From when on.
    pub nbf: i64,
    /// When it was issued.
    pub iat: i64,
    /// Its own name.
    pub jti: String,
    /// What may be done with it.
    pub scope: String,
    /// Whether its bearer may do more.
    pub admin: bool,
}

impl Claims {
    /// The claims of T.
    pub fn of_t() -> Self {
        Self {
            iss: ISSUER.into(),
            sub: "user-8c7f3e21-1b7d-90c2a".into(),
            aud: AUDIENCE.into(),
            exp: 4_102_444_800,
            nbf: 1_767_225_600,
            iat: 1_767_225_600,
            jti: "0f8e2b6c4d1a49b7-5e3a-c".into(),
            scope: "read:orders write:orders".into(),
            admin: false,
        }
    }
}

/// The policy that each verification applies: issuer, audience, type, `exp` and `nbf`.
pub fn policy() -> Policy {
    Policy::builder().issuer(ISSUER).audience(AUDIENCE).typ("JWT").build()
}

/// The time, asked of the system as a service does for each token.
pub fn now() -> NumericDate {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the clock stands after 1970");
    NumericDate::from_secs(since.as_secs() as i64)
}
