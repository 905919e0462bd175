use chrono::{Duration, Utc};
use jsonwebtoken::{decode, encode, errors::Error, DecodingKey, EncodingKey, Header, TokenData, Validation};
use serde::{Deserialize, Serialize};

const JWT_SECRET: &[u8] = b"ferris-likes-sand";
const ISSUER: &str = "ferris";

#[derive(Serialize, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub iss: String,
    pub exp: i64,
}

pub fn create_jwt(uid: &str) -> Result<String, Error> {
    let exp = (Utc::now() + Duration::seconds(60)).timestamp();
    let claims = Claims { sub: uid.to_owned(), iss: ISSUER.to_owned(), exp };
    encode(&Header::default(), &claims, &EncodingKey::from_secret(JWT_SECRET))
}

pub fn read_jwt(token: &str) -> Result<TokenData<Claims>, Error> {
    decode(token, &DecodingKey::from_secret(JWT_SECRET), &Validation::default())
}
