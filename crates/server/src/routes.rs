//! The table of routes: path, handler, permission. The router and the HTTP reference are both read from it.

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;

use crate::api;
use crate::codes;
use crate::problem::Problem;
use crate::state::State;
use crate::telemetry;

/// One route, as the reference shows it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// The path; parts in braces vary.
    pub path: &'static str,
    /// The permission that the caller's token must have; none for what is public.
    pub permission: Option<&'static str>,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// A body that it takes, as an example; empty where it takes none.
    pub body: &'static str,
    /// What it answers, as an example or in words.
    pub answer: &'static str,
}

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path, $permission:expr, $about:literal, $body:literal, $answer:literal;)*) => {
        /// Every route that the server has.
        pub const ROUTES: &[Route] = &[$(Route {
            method: method_name(stringify!($method)),
            path: $path,
            permission: $permission,
            about: $about,
            body: $body,
            answer: $answer,
        }),*];

        fn table() -> Router<State> {
            Router::new()$(.route($path, axum::routing::$method($handler)))*
        }
    };
}

routes! {
    get "/healthz" => api::health::live, None,
        "Whether the process runs.", "", "`ok`";
    get "/readyz" => api::health::ready, None,
        "Whether the server hears from its store and is not stopping.", "", "`ready`, or 503";
    get "/metrics" => api::health::metrics, None,
        "Figures for Prometheus.", "", "OpenMetrics text";
    get "/rings/{ring}/.well-known/jwks.json" => api::published::jwks, None,
        "The ring's public keys (RFC 7517 §5), with ETag and Cache-Control. Asymmetric rings only.", "",
        r#"{"keys":[{"kty":"EC","crv":"P-256","x":"…","y":"…","alg":"ES256","use":"sig","kid":"…"}]}"#;
    get "/rings/{ring}/.well-known/openid-configuration" => api::published::discovery, None,
        "The ring's discovery document. Asymmetric rings with an issuer only.", "",
        r#"{"issuer":"…","jwks_uri":"…","id_token_signing_alg_values_supported":["ES256"]}"#;
    get "/v1/rings" => api::rings::list, Some("read-rings"),
        "Rings by name: `?after=NAME&limit=N`.", "",
        r#"{"rings":[{"name":"…","epoch":1,"algorithm":"ES256","active":"…","next_due":"…"}],"next":null}"#;
    post "/v1/rings" => api::rings::create, Some("admin"),
        "Makes a ring with an active and a published key. Only `name` and `algorithm` are needed. Without `issuer` it is this server's public URL and the ring's path; `null` waives it.",
        r#"{"name":"billing.production","algorithm":"ES256","rotate_every":"90d","token_ttl":"1h","consumers":["pyjwt",{"name":"edge","profile":"jose","layers":[{"name":"cdn","hold":"5m"}]}],"issuer":"https://id.example","audience":["billing"]}"#,
        "201 and the ring";
    get "/v1/rings/{ring}" => api::rings::show, Some("read-rings"),
        "The ring, its policy and its keys, without secrets.", "", "the ring";
    delete "/v1/rings/{ring}" => api::rings::destroy, Some("admin"),
        "Destroys the ring and all of its secrets, at once and for good: `?reason=…`.", "", "204";
    post "/v1/rings/{ring}/sign" => api::sign::sign, Some("sign"),
        "Signs claims. `ttl` is at most the ring's `token_ttl`; `{\"batch\":[…]}` signs many.",
        r#"{"claims":{"sub":"alice"},"ttl":"5m","header":{}}"#,
        r#"{"token":"…","kid":"…","expires_at":"…"}"#;
    post "/v1/rings/{ring}/verify" => api::verify::verify, Some("verify"),
        "Verifies a token; `{\"batch\":[…]}` verifies many.",
        r#"{"token":"…","audience":"billing","leeway":"5s"}"#,
        r#"{"valid":true,"claims":{"sub":"alice"},"header":{"alg":"ES256"},"kid":"…"} or {"valid":false,"error":{"code":"expired","message":"…","hint":"…"}}"#;
    post "/v1/rings/{ring}/rotate" => api::change::rotate, Some("rotate"),
        "Makes the published key sign, if that is safe; 409 `activation_too_early` with `earliest_safe_at` and `binding_term` if not.",
        r#"{"force":true,"reason":"key seen in a log"}"#,
        r#"{"ring":"…","epoch":2,"signs":"…","activated":"…","published":"…"}"#;
    post "/v1/rings/{ring}/activate" => api::change::activate, Some("rotate"),
        "As rotate, but only if `kid` is the published key; nothing changes if it signs already.",
        r#"{"kid":"…"}"#,
        r#"{"ring":"…","epoch":2,"signs":"…","activated":"…","published":"…"}"#;
    post "/v1/rings/{ring}/keys/{kid}/revoke" => api::change::revoke, Some("revoke"),
        "Trusts a key no more; if it signed, the published key signs at once.",
        r#"{"reason":"laptop stolen"}"#,
        r#"{"ring":"…","epoch":3,"signs":"…","revoked":"…","exposed_until":"…"}"#;
    get "/v1/rings/{ring}/explain" => api::rings::explain, Some("read-rings"),
        "What the ring will do next, when, why not now, and which term binds.", "",
        r#"{"rotate":{"safe":false,"earliest_safe_at":"…","binding_term":"consumer"},"next":[…],"terms":{…},"sentences":[…]}"#;
    get "/v1/audit" => api::audit::read, Some("audit"),
        "Audit records in order: `?after=SEQ&limit=N`.", "",
        r#"{"records":[{"seq":1,"at":"…","actor":{"subject":"operator"},"action":"ring_create","result":"done","hash":"…"}],"length":1}"#;
    get "/v1/audit/verify" => api::audit::verify, Some("audit"),
        "Walks along the whole audit chain and names the first break.", "",
        r#"{"records":12,"head":"…"}"#;
}

const fn method_name(function: &str) -> &'static str {
    match function.as_bytes() {
        b"get" => "GET",
        b"post" => "POST",
        _ => "DELETE",
    }
}

/// The whole service: routes, figures, and what becomes of panics and wrong paths.
pub(crate) fn router(state: State) -> Router {
    table()
        .fallback(async || {
            Problem::new(
                StatusCode::NOT_FOUND,
                codes::ROUTE_NOT_FOUND,
                "there is nothing at this path",
            )
        })
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                codes::METHOD_NOT_ALLOWED,
                "this path does not take this method",
            )
        })
        .layer(middleware::from_fn_with_state(state.clone(), telemetry::observe))
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                codes::INTERNAL,
                "the server failed to answer",
            )
            .into_response()
        }))
        .with_state(state)
}
