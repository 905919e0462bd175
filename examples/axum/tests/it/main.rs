//! The layer and the routes, with keys that are made for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use axum::{Extension, Router};
use http_body_util::BodyExt;
use keytide_client::{Options, Ring, Verifier};
use keytide_example_axum::{AUDIENCE, Bearer, Caller, ISSUER, policy, routes};
use keytide_jose::key::SigningKey;

use keytide_jose::{Algorithm, SystemRng};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A ring with one key that was made just now.
fn ring() -> Ring {
    Ring::from_keys([], Some(SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).unwrap()))
}

/// A room behind the layer that says who came in.
fn room(ring: Ring) -> Router {
    let bearer = Bearer::new(Arc::new(Verifier::new(ring, policy())));
    let who = |Extension(Caller(claims)): Extension<Caller>| async move { claims.sub.clone() };
    let wanted = bearer.clone().with_scope("orders");
    Router::new().route("/", get(who).layer(bearer)).route("/orders", get(who).layer(wanted))
}

fn claims() -> Value {
    let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": now + 60})
}

fn token(ring: &Ring, claims: &Value) -> String {
    ring.signer().unwrap().sign(claims).unwrap()
}

struct Answer {
    status: StatusCode,
    challenge: Option<String>,
    content_type: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn answer(app: Router, request: Request<Body>) -> Answer {
    let response = app.oneshot(request).await.unwrap();
    let text = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (challenge, content_type) = (text(header::WWW_AUTHENTICATE), text(header::CONTENT_TYPE));
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    let content_type = content_type.unwrap_or_default();
    Answer { status, challenge, content_type, body: String::from_utf8(body).unwrap() }
}

async fn ask(app: Router, path: &str, authorization: &[&str]) -> Answer {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(header::AUTHORIZATION, *value);
    }
    answer(app, request.body(Body::empty()).unwrap()).await
}

async fn sign_in(app: Router, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password}).to_string();
    let request = Request::post("/login").header(header::CONTENT_TYPE, "application/json");
    answer(app, request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn the_claims_of_a_good_token_reach_the_handler() {
    let ring = ring();
    let token = token(&ring, &claims());
    for scheme in ["Bearer", "bearer"] {
        let answer = ask(room(ring.clone()), "/", &[&format!("{scheme} {token}")]).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "alice"));
    }
}

#[tokio::test]
async fn a_request_without_a_token_is_told_that_one_is_wanted_and_no_error() {
    for authorization in [&[][..], &["Basic YWxpY2U6eA=="]] {
        let answer = ask(room(ring()), "/", authorization).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.challenge.as_deref(), Some("Bearer realm=\"shop\""));
        assert_eq!(answer.content_type, "application/problem+json");
        assert_eq!(answer.json()["code"], "no_token");
    }
}

#[tokio::test]
async fn a_header_that_can_be_read_in_two_ways_is_not_read_at_all() {
    let ring = ring();
    let good = format!("Bearer {}", token(&ring, &claims()));
    for authorization in [&[good.as_str(), &good][..], &["Bearer"], &["Bearer "]] {
        let answer = ask(room(ring.clone()), "/", authorization).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{authorization:?}");
        assert!(answer.challenge.unwrap().contains("error=\"invalid_request\""));
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_this_service_is_refused_with_the_reason() {
    let (ring, other) = (ring(), self::ring());
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        token(&ring, &claims)
    };
    for (token, code) in [
        (with("exp", json!(1_700_000_000)), "expired"),
        (with("aud", json!("bank")), "aud_mismatch"),
        (with("iss", json!("https://other.example")), "iss_mismatch"),
        (token(&other, &claims()), "unknown_kid"),
        ("no.token.atall".to_owned(), "malformed_token"),
    ] {
        let answer = ask(room(ring.clone()), "/", &[&format!("Bearer {token}")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{code}");
        assert!(answer.challenge.as_ref().unwrap().contains("error=\"invalid_token\""));
        assert_eq!(answer.json()["code"], code);
        assert!(!answer.body.contains(&token), "a token has no place in an answer");
    }
}

#[tokio::test]
async fn a_scope_that_is_wanted_is_named_to_whoever_does_not_have_it() {
    let ring = ring();
    for (scope, status) in [
        ("orders", StatusCode::OK),
        ("profile orders", StatusCode::OK),
        ("", StatusCode::FORBIDDEN),
        ("reorders", StatusCode::FORBIDDEN),
    ] {
        let mut claims = claims();
        claims["scope"] = json!(scope);
        let bearer = format!("Bearer {}", token(&ring, &claims));
        let answer = ask(room(ring.clone()), "/orders", &[&bearer]).await;
        assert_eq!(answer.status, status, "{scope}");
        if status == StatusCode::FORBIDDEN {
            let challenge = answer.challenge.unwrap();
            assert!(challenge.contains("error=\"insufficient_scope\", scope=\"orders\""));
        }
    }
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_no_fault_of_the_token() {
    // Nobody listens there: the port was given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut options = Options::default();
    options.timeout = Duration::from_secs(5);
    options.background = false;
    let away = Ring::from_jwks(&format!("http://127.0.0.1:{port}/jwks"), options).unwrap();
    let bearer = format!("Bearer {}", token(&ring(), &claims()));
    let answer = ask(room(away), "/", &[&bearer]).await;
    assert_eq!((answer.status, answer.challenge), (StatusCode::SERVICE_UNAVAILABLE, None));
}

#[tokio::test]
async fn who_signs_in_gets_a_token_that_opens_what_it_may() {
    let app = routes(ring());
    for (name, password, orders) in [
        ("alice", "correct horse", StatusCode::OK),
        ("bob", "battery staple", StatusCode::FORBIDDEN),
    ] {
        let signed_in = sign_in(app.clone(), name, password).await.json();
        let bearer = format!("Bearer {}", signed_in["access_token"].as_str().unwrap());
        let me = ask(app.clone(), "/me", &[&bearer]).await;
        assert_eq!((me.status, me.json()), (StatusCode::OK, json!({"name": name})));
        assert_eq!(ask(app.clone(), "/orders", &[&bearer]).await.status, orders);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let app = routes(ring());
    let wrong = sign_in(app.clone(), "alice", "wrong").await;
    let unknown = sign_in(app, "mallory", "correct horse").await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
}
