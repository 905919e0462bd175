use axum::{extract::FromRequestParts, http::request::Parts, http::StatusCode};
use chrono::{Duration, Utc};
use jsonwebtoken::{decode, encode, DecodingKey, EncodingKey, Header, Validation};
use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};

static KEYS: Lazy<Keys> = Lazy::new(|| {
    let secret = std::env::var("JWT_SECRET").unwrap_or_else(|_| "axum-realworld-secret".to_string());
    Keys::new(secret.as_bytes())
});

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Keys {
    fn new(secret: &[u8]) -> Self {
        Self { encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub iss: String,
    pub exp: usize,
}

pub fn issue(sub: &str) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims { sub: sub.into(), iss: "realworld".into(), exp: (Utc::now() + Duration::hours(1)).timestamp() as usize };
    encode(&Header::default(), &claims, &KEYS.encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_key() {
        let k = EncodingKey::from_secret(b"cfg-test-secret");
        assert!(encode(&Header::default(), &Claims { sub: "a".into(), iss: "b".into(), exp: 1 }, &k).is_ok());
    }
}
