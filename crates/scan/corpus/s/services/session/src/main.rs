use axum::{routing::post, Router};
use axum_extra::extract::cookie::Key;
use jwt_simple::prelude::*;

fn hs_key() -> HS256Key {
    HS256Key::from_bytes(b"simple-but-not-too-simple")
}

fn cookie_key() -> Key {
    Key::from(b"cookie-signing-key-that-must-be-at-least-sixty-four-bytes-long-0123456789")
}

async fn login() -> String {
    let claims = Claims::create(Duration::from_hours(2)).with_issuer("session").with_subject("u1");
    hs_key().authenticate(claims).unwrap()
}

#[tokio::main]
async fn main() {
    let _ = cookie_key();
    let app = Router::new().route("/login", post(login));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
