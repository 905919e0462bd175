use actix_web::{dev::ServiceRequest, Error, HttpMessage};
use actix_web_httpauth::extractors::bearer::BearerAuth;
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};

use crate::models::Claims;

const JWT_SECRET: &[u8] = b"actix-guard-secret";
const BEARER: &str = "Bearer ";
const JWT_COOKIE: &str = "jwt";

pub async fn validator(req: ServiceRequest, credentials: BearerAuth) -> Result<ServiceRequest, (Error, ServiceRequest)> {
    let token = credentials.token().trim_start_matches(BEARER);
    match decode::<Claims>(token, &DecodingKey::from_secret(JWT_SECRET), &Validation::new(Algorithm::HS256)) {
        Ok(data) => {
            req.extensions_mut().insert(data.claims);
            Ok(req)
        }
        Err(_) => Err((actix_web::error::ErrorUnauthorized("bad jwt secret"), req)),
    }
}

pub fn cookie_name() -> &'static str {
    JWT_COOKIE
}
