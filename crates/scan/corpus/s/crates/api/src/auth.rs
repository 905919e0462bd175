use axum::{extract::FromRequestParts, http::request::Parts, RequestPartsExt};
use axum_extra::{headers::{authorization::Bearer, Authorization}, TypedHeader};
use jsonwebtoken::{decode, encode, DecodingKey, EncodingKey, Header, Validation};
use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};

static KEYS: Lazy<Keys> = Lazy::new(|| {
    let secret = std::env::var("JWT_SECRET").unwrap_or_else(|_| "crab-rave-2019".to_string());
    Keys::new(secret.as_bytes())
});

struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Keys {
    fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Claims { sub: String, company: String, exp: usize }

pub fn issue(sub: &str) -> String {
    let claims = Claims { sub: sub.into(), company: "ACME".into(), exp: 2_000_000_000 };
    encode(&Header::default(), &claims, &KEYS.encoding).expect("JWT_SECRET must be usable as a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_other_key() {
        let other = EncodingKey::from_secret(b"wrong-secret");
        let t = encode(&Header::default(), &Claims { sub: "a".into(), company: "b".into(), exp: 1 }, &other).unwrap();
        assert!(decode::<Claims>(&t, &KEYS.decoding, &Validation::default()).is_err());
    }
}
