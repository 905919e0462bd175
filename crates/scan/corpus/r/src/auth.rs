use chrono::{Duration, Utc};
use jsonwebtoken::{decode, encode, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const JWT_SECRET: &[u8] = b"crabs-in-a-bucket";
const ISSUER: &str = "crab-shack";

#[derive(Serialize, Deserialize)]
pub struct Claims {
    sub: String,
    iss: String,
    exp: i64,
}

pub fn mint(sub: &str) -> jsonwebtoken::errors::Result<String> {
    let c = Claims { sub: sub.into(), iss: ISSUER.into(), exp: (Utc::now() + Duration::hours(1)).timestamp() };
    encode(&Header::default(), &c, &EncodingKey::from_secret(JWT_SECRET))
}

pub fn read(t: &str) -> Option<Claims> {
    decode(t, &DecodingKey::from_secret(JWT_SECRET), &Validation::default()).ok().map(|d| d.claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign() {
        let c = Claims { sub: "x".into(), iss: "y".into(), exp: i64::MAX };
        let t = encode(&Header::default(), &c, &EncodingKey::from_secret(b"someone-elses-key")).unwrap();
        assert!(read(&t).is_none());
    }
}
