//! The routes: a door to sign in by, and rooms that need a token.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use keytide_client::{Ring, Verifier};
use keytide_jose::jwt::Policy;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bearer::{Bearer, Caller};
use crate::problem::Problem;

/// Who issues the tokens.
pub const ISSUER: &str = "https://shop.example";
/// Whom they are for.
pub const AUDIENCE: &str = "shop";

const LIFE_SECONDS: u64 = 15 * 60;

/// What a token must be for this service to take it.
#[must_use]
pub fn policy() -> Policy {
    Policy::builder().issuer(ISSUER).audience(AUDIENCE).typ("JWT").build()
}

/// All routes. The ring signs and verifies; its keys may change at any time.
pub fn routes(ring: Ring) -> Router {
    let bearer = Bearer::new(Arc::new(Verifier::new(ring.clone(), policy())));
    Router::new()
        .route("/me", get(me).layer(bearer.clone()))
        .route("/orders", get(orders).layer(bearer.with_scope("orders")))
        .route("/login", post(login))
        .route("/ready", get(ready))
        .with_state(ring)
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
}

async fn login(State(ring): State<Ring>, Json(login): Json<Login>) -> Result<Json<Value>, Problem> {
    let scope = scope(&login).ok_or_else(Problem::wrong_password)?;
    let now =
        SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Problem::internal())?.as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": login.name, "scope": scope,
        "iat": now, "exp": now + LIFE_SECONDS,
    });
    // Ask the ring for its signer each time: it may have another key by now. Of an asymmetric ring
    // the server signs, which is worth waiting for on another thread.
    let signed = tokio::task::spawn_blocking(move || ring.signer()?.sign(&claims)).await;
    let token =
        signed.map_err(|_| Problem::internal())?.map_err(|error| Problem::no_keys(&error))?;
    Ok(Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS})))
}

/// What somebody with this name and password may do. Your users are elsewhere, their passwords hashed.
fn scope(login: &Login) -> Option<&'static str> {
    match (login.name.as_str(), login.password.as_str()) {
        ("alice", "correct horse") => Some("profile orders"),
        ("bob", "battery staple") => Some("profile"),
        _ => None,
    }
}

async fn me(Extension(Caller(claims)): Extension<Caller>) -> Json<Value> {
    Json(json!({"name": claims.sub}))
}

async fn orders(Extension(Caller(claims)): Extension<Caller>) -> Json<Value> {
    Json(json!({"name": claims.sub, "orders": ["a lamp"]}))
}

/// Ready are those who have keys.
async fn ready(State(ring): State<Ring>) -> Result<Json<Value>, Problem> {
    let fetched = tokio::task::spawn_blocking(move || ring.snapshot()).await;
    fetched.map_err(|_| Problem::internal())?.map_err(|error| Problem::no_keys(&error))?;
    Ok(Json(json!({"ready": true})))
}
