use jsonwebtoken::{encode, EncodingKey, Header};
use rocket::serde::json::Json;

use crate::models::{Claims, Credentials, TokenReply};

#[post("/login", data = "<cred>")]
pub fn login(cred: Json<Credentials>) -> Option<Json<TokenReply>> {
    // let key = EncodingKey::from_secret("commented-secret".as_ref());
    let claims = Claims::for_user(&cred.username);
    let token = encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret("rocket-login".as_ref()),
    )
    .ok()?;
    Some(Json(TokenReply { token }))
}
