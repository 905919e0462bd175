use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};
use once_cell::sync::Lazy;

static KEYS: Lazy<DecodingKey> = Lazy::new(|| {
    let secret = std::env::var("GUARD_SECRET").unwrap_or("harbour-lighthouse".into());
    DecodingKey::from_secret(secret.as_bytes())
});

pub async fn guard(req: Request, next: Next) -> Result<Response, StatusCode> {
    let token = req.headers().get("authorization").and_then(|h| h.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
    decode::<serde_json::Value>(token, &KEYS, &Validation::new(Algorithm::HS256)).map_err(|_| StatusCode::UNAUTHORIZED)?;
    Ok(next.run(req).await)
}
