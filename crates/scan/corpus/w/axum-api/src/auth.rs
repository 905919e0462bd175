use axum::{async_trait, extract::FromRequestParts, http::request::Parts};
use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const JWT_SECRET: &[u8] = b"axum-api-very-private";
const JWT_ISSUER: &str = "axum-api";

#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub exp: usize,
}

pub fn create(sub: &str) -> Result<String, jsonwebtoken::errors::Error> {
    let claims = Claims { sub: sub.to_owned(), exp: 2_000_000_000 };
    encode(&Header::new(Algorithm::HS512), &claims, &EncodingKey::from_secret(JWT_SECRET))
}

pub fn admin(token: &str) -> bool {
    decode::<Claims>(token, &DecodingKey::from_secret("axum-admin".as_ref()), &Validation::default()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_wrong_key() {
        let t = encode(&Header::default(), &Claims { sub: "a".into(), exp: 1 }, &EncodingKey::from_secret(b"wrong-secret")).unwrap();
        assert!(!admin(&t));
    }
}
