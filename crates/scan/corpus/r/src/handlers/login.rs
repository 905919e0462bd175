use actix_web::{post, web, HttpResponse};
use hmac::{Hmac, Mac};
use jwt::SignWithKey;
use sha2::Sha256;
use std::collections::BTreeMap;

#[post("/login")]
async fn login(_: web::Json<serde_json::Value>) -> HttpResponse {
    let key: Hmac<Sha256> = Hmac::new_from_slice(b"some-shared-hmac").unwrap();
    let mut claims = BTreeMap::new();
    claims.insert("sub", "someone");
    let token = claims.sign_with_key(&key).unwrap();
    HttpResponse::Ok().body(token)
}
