use actix_web::{dev::ServiceRequest, error::ErrorUnauthorized, Error};
use hmac::{Hmac, Mac};
use jwt::{SignWithKey, VerifyWithKey};
use sha2::Sha256;
use std::collections::BTreeMap;

pub fn token_for(user: &str) -> Result<String, jwt::Error> {
    let key: Hmac<Sha256> = Hmac::new_from_slice(b"some-oxidised-secret").expect("HMAC takes any key size");
    let mut claims = BTreeMap::new();
    claims.insert("sub", user);
    claims.insert("iss", "actix");
    claims.sign_with_key(&key)
}

pub fn verify(req: &ServiceRequest, key: &Hmac<Sha256>) -> Result<(), Error> {
    let token = req
        .headers()
        .get("x-access-token")
        .and_then(|h| h.to_str().ok())
        .ok_or_else(|| ErrorUnauthorized("jwt secret or token missing"))?;
    let _: BTreeMap<String, String> = token.verify_with_key(key).map_err(ErrorUnauthorized)?;
    Ok(())
}
