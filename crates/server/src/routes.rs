//! The table of routes: path, handler, permission. The router and the HTTP reference are both read from it.

use axum::Router;
use axum::extract::{MatchedPath, Query, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api;
use crate::codes;
use crate::problem::Problem;
use crate::state::State;
use crate::telemetry;

/// One route, as the reference shows it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The path; parts in braces vary.
    pub path: &'static str,
    /// The permission that the caller's token must have; none for what is public.
    pub permission: Option<&'static str>,
    /// Whether it takes `?dry_run=true`: say what would happen, and do nothing.
    pub dry_run: bool,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// A body that it takes, as an example; empty where it takes none.
    pub body: &'static str,
    /// What it answers, as an example or in words.
    pub answer: &'static str,
}

macro_rules! routes {
    ($($method:ident $($try:ident)? $path:literal => $handler:path, $permission:expr, $about:literal, $body:literal, $answer:literal;)*) => {
        /// Every route that the server has.
        pub const ROUTES: &[Route] = &[$(Route {
            method: method_name(stringify!($method)),
            path: $path,
            permission: $permission,
            dry_run: takes_dry_run(&[$(stringify!($try))?]),
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
        "Rings by name, of those that the caller reaches: `?after=NAME&limit=N`.", "",
        r#"{"rings":[{"name":"…","epoch":1,"algorithm":"ES256","active":"…","next_due":"…"}],"next":null}"#;
    post or_try "/v1/rings" => api::rings::create, Some("admin"),
        "Makes a ring with an active and a published key. Only `name` and `algorithm` are needed. Without `issuer` it is this server's public URL and the ring's path; `null` waives it.",
        r#"{"name":"billing.production","algorithm":"ES256","rotate_every":"90d","token_ttl":"1h","consumers":["pyjwt",{"name":"edge","profile":"jose","layers":[{"name":"cdn","hold":"5m"}]}],"issuer":"https://id.example","audience":["billing"]}"#,
        "201 and the ring";
    get "/v1/rings/{ring}" => api::rings::show, Some("read-rings"),
        "The ring, its policy and its keys, without secrets.", "", "the ring";
    delete or_try "/v1/rings/{ring}" => api::rings::destroy, Some("admin"),
        "Destroys the ring and all of its secrets, at once and for good: `?reason=…`.", "", "204";
    post "/v1/rings/{ring}/sign" => api::sign::sign, Some("sign"),
        "Signs claims. `ttl` is at most the ring's `token_ttl`; `{\"batch\":[…]}` signs many.",
        r#"{"claims":{"sub":"alice"},"ttl":"5m","header":{}}"#,
        r#"{"token":"…","kid":"…","expires_at":"…"}"#;
    post "/v1/rings/{ring}/verify" => api::verify::verify, Some("verify"),
        "Verifies a token; `{\"batch\":[…]}` verifies many.",
        r#"{"token":"…","audience":"billing","leeway":"5s"}"#,
        r#"{"valid":true,"claims":{"sub":"alice"},"header":{"alg":"ES256"},"kid":"…"} or {"valid":false,"error":{"code":"expired","message":"…","hint":"…"}}"#;
    post or_try "/v1/rings/{ring}/rotate" => api::change::rotate, Some("rotate"),
        "Makes the published key sign, if that is safe; if not, 409 `activation_too_early` with `earliest_safe_at` and `binding_term`, or `not_acknowledged` with `waits_for`. With `when` `safe` it signs as soon as that is safe; `force` switches whatever is risked, and needs a reason.",
        r#"{"when":"now|safe","force":false,"reason":"key seen in a log"}"#,
        r#"{"ring":"…","epoch":2,"signs":"…","activated":"…","published":"…"}"#;
    post or_try "/v1/rings/{ring}/activate" => api::change::activate, Some("rotate"),
        "As rotate, but only if `kid` is the published key; nothing changes if it signs already.",
        r#"{"kid":"…"}"#,
        r#"{"ring":"…","epoch":2,"signs":"…","activated":"…","published":"…"}"#;
    post or_try "/v1/rings/{ring}/keys/{kid}/revoke" => api::change::revoke, Some("revoke"),
        "Trusts a key no more; if it signed, the published key signs at once.",
        r#"{"reason":"laptop stolen"}"#,
        r#"{"ring":"…","epoch":3,"signs":"…","revoked":"…","exposed_until":"…"}"#;
    post or_try "/v1/rings/{ring}/rollback" => api::change::roll_back, Some("rotate"),
        "Makes the key before sign again: at once while verifiers have it, and as soon as that is safe where it has left the set (`switches_at`). 409 `nothing_to_roll_back` where there is none.",
        r#"{"reason":"the new HSM is slow"}"#,
        r#"{"ring":"…","epoch":4,"signs":"…","activated":"…"}"#;
    patch or_try "/v1/rings/{ring}" => api::change::set_policy, Some("admin"),
        "Changes fields of the policy (RFC 7396): `null` gives a field its default. A new `algorithm` is that of a new published key, which signs as soon as that is safe.",
        r#"{"rotate_every":"30d","algorithm":"EdDSA","reason":"smaller tokens"}"#,
        r#"{"ring":"…","epoch":5,"signs":"…","changed":["algorithm","rotate_every"],"published":"…","switches_at":"…"}"#;
    post or_try "/v1/rings/{ring}/keys/{kid}/destroy" => api::change::destroy_key, Some("admin"),
        "Destroys a retired or revoked key's secret before the rollback window ends. Needs a reason.",
        r#"{"reason":"seen in a backup"}"#,
        r#"{"ring":"…","epoch":6,"signs":"…","destroyed":["…"]}"#;
    get "/v1/rings/{ring}/consumers" => api::consumers::list, Some("read-rings"),
        "Who verifies or signs with the ring's keys, and what each instance works with.", "",
        r#"{"consumers":[{"name":"api","declared":true,"role":"both","instances":[{"instance":"api-7f9c","live":true,"lease_until":"…","epoch":3,"since":"…"}]}]}"#;
    post or_try "/v1/rings/{ring}/consumers" => api::consumers::add, Some("admin"),
        "Declares a consumer: a profile's name as a JSON string, or an object with a name of its own. One that `acknowledges` is waited for until it says what it has loaded.",
        r#"{"name":"edge","profile":"jose","hold":"10m","layers":[{"name":"cdn","hold":"5m"}],"acknowledges":false,"role":"verifier|signer|both","leeway":"30s","refetches":true,"lease":"60s"}"#,
        r#"{"ring":"…","epoch":7,"signs":"…","changed":["consumers"]}"#;
    delete or_try "/v1/rings/{ring}/consumers/{consumer}" => api::consumers::remove, Some("admin"),
        "Says that a consumer is no more: `?reason=…`. Its instances are forgotten.", "",
        r#"{"ring":"…","epoch":8,"signs":"…","changed":["consumers"]}"#;
    post or_try "/v1/rings/{ring}/consumers/{consumer}/assume-restarted" => api::consumers::assume_restarted, Some("rotate"),
        "Answers for a consumer that cannot acknowledge: it, or one `instance` of it, was restarted and works with the ring as it stands. Needs a reason.",
        r#"{"instance":"api-7f9c","reason":"the pod was replaced"}"#,
        r#"{"ring":"…","epoch":9,"signs":"…"}"#;
    get "/v1/rings/{ring}/keys" => api::keys::fetch, Some("read-keys"),
        "The keys by role, for those that work with them: secrets (JWK `oct`) of a symmetric ring, public keys of any other. `?consumer=…&instance=…` says who asks and renews its lease; a symmetric ring gives nothing without. With `after=EPOCH` it waits (`wait=30s`, at most 60s and half the lease) for another epoch and answers 304 if none comes. The ETag is the epoch.", "",
        r#"{"ring":"…","epoch":3,"algorithm":"HS256","lease_until":"…","active":{"kty":"oct","k":"…","alg":"HS256","use":"sig","kid":"…"},"next":{…},"previous":[{…}]}"#;
    post "/v1/rings/{ring}/acknowledge" => api::keys::acknowledge, Some("read-keys"),
        "Says which epoch an instance has loaded: a process that works with it, not a message received. Renews its lease, and makes the switch that waited for it.",
        r#"{"consumer":"api","instance":"api-7f9c","epoch":3}"#,
        r#"{"ring":"…","epoch":4,"lease_until":"…"}"#;
    get "/v1/rings/{ring}/events" => api::events::stream, Some("read-keys"),
        "Server-sent events: one `epoch` event at once and one for each change, whichever node made it, with a comment every 15 s between. `Last-Event-ID` leaves the epoch out that is known.", "",
        "`id: 4`, `event: epoch`, `data: {\"ring\":\"…\",\"epoch\":4,\"active\":\"…\",\"next\":\"…\",\"previous\":[\"…\"],\"changed\":[\"active\",\"next\",\"previous\"]}`";
    get "/v1/rings/{ring}/webhooks" => api::webhooks::list, Some("admin"),
        "Who is told of the ring's changes, how far, and the last attempts.", "",
        r#"{"webhooks":[{"id":"…","url":"https://ops.example/keys","told":4,"failures":0,"next_attempt_at":"…","attempts":[{"at":"…","epoch":4,"status":204}],…}]}"#;
    post "/v1/rings/{ring}/webhooks" => api::webhooks::add, Some("admin"),
        "Has each change of the ring posted to a URL, signed as Standard Webhooks are (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and again after a failure, with waits that double up to an hour. Changes that come quickly are told together. The secret is shown this once. A message has no secrets: `{\"type\":\"ring.epoch\",\"timestamp\":\"…\",\"data\":{\"ring\":\"…\",\"epoch\":4,\"changes\":[\"key_activate\",…]}}`.",
        r#"{"url":"https://ops.example/keys"}"#,
        r#"{"id":"…","secret":"whsec_…","url":"https://ops.example/keys",…}"#;
    delete "/v1/rings/{ring}/webhooks/{webhook}" => api::webhooks::remove, Some("admin"),
        "Takes a webhook away.", "", "204";
    get "/v1/rings/{ring}/targets" => api::targets::list, Some("read-rings"),
        "Places that hold a copy of the ring's keys, without credentials, and how far each copy is.", "",
        r#"{"targets":[{"name":"vault","ring":"…","created_at":"…","settings":{"kind":"vault",…},"standing":{…}}]}"#;
    post "/v1/rings/{ring}/targets" => api::targets::add, Some("admin"),
        "Adds a place that holds a copy of the ring's keys. The ring waits for it from now on: it switches once the copy was read back equal. The caller needs `read-keys` too. With `replace` the settings of a target of that name are replaced. Over the network, files and variables of the server's machine can be named only as far as `keytide serve` permits.",
        r#"{"name":"vault","replace":false,"settings":{"kind":"vault","address":"https://vault.example:8200","mount":"secret","path":"billing/jwt",…}}"#,
        "201 and the target";
    delete "/v1/rings/{ring}/targets/{target}" => api::targets::remove, Some("admin"),
        "Takes a target away; the ring waits for it no more. `?delete_copy=true` deletes the copy as well, and fails if that fails; `?reason=…`.", "", "204";
    post "/v1/rings/{ring}/targets/{target}/test" => api::targets::test, Some("admin"),
        "Reads what the target holds, and changes nothing. 502 and the reason if it cannot be read.", "",
        r#"{"place":"https://vault.example:8200/v1/secret/data/billing/jwt","holds":"copy|nothing|foreign","epoch":4}"#;
    post "/v1/rings/{ring}/targets/{target}/push" => api::targets::push, Some("rotate"),
        "Writes the ring's keys to the target now and reads them back. 502 and the reason if the copy is not what the ring holds then.", "",
        "the target";
    get "/v1/rings/{ring}/explain" => api::rings::explain, Some("read-rings"),
        "What the ring will do next, when, why not now, and which term binds.", "",
        r#"{"rotate":{"safe":false,"earliest_safe_at":"…","binding_term":"consumer"},"next":[…],"terms":{…},"sentences":[…]}"#;
    get "/v1/access" => api::access::list, Some("admin"),
        "Access tokens: whom each stands for and what it permits, never the token.", "",
        r#"{"access":[{"subject":"billing","permissions":["sign","verify"],"rings":["billing.*"],"created_at":"…","expires_at":"…"}]}"#;
    post "/v1/access" => api::access::grant, Some("admin"),
        "Issues an access token, which is shown this once. It reaches the rings that a pattern of `rings` names (`*` is any part of a name, and at the end all that follow), without it all. `expires` is a duration; without, it works until it is withdrawn. 403 for a permission that the caller has not. Only who reaches all rings may issue, list and withdraw access tokens and read the audit log.",
        r#"{"subject":"billing","permissions":["sign","verify"],"rings":["billing.*"],"expires":"30d"}"#,
        r#"{"token":"…","subject":"billing","permissions":["sign","verify"],"rings":["billing.*"],"created_at":"…","expires_at":"…"}"#;
    delete "/v1/access/{subject}" => api::access::end, Some("admin"),
        "Withdraws every access token of a subject. Other servers on the same store may take them for 5 s more; a request that waits is refused.", "",
        r#"{"ended":1}"#;
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
        b"patch" => "PATCH",
        _ => "DELETE",
    }
}

const fn takes_dry_run(marks: &[&str]) -> bool {
    !marks.is_empty()
}

async fn refuse_unknown_dry_run(request: Request, next: Next) -> Response {
    match unknown_dry_run(request.method(), request.uri(), request.extensions().get()) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

/// A dry run that a route does not know must not become the real thing: a query that asks for one
/// there, or in another spelling, is refused.
fn unknown_dry_run(method: &Method, uri: &Uri, path: Option<&MatchedPath>) -> Option<Problem> {
    // What cannot be read as names and values is refused by whoever reads it.
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let path = path?.as_str();
    let takes = |route: &Route| route.path == path && route.method == method && route.dry_run;
    let takes = ROUTES.iter().any(takes);
    let asks = |name: &str| name.replace(['-', '_'], "").eq_ignore_ascii_case("dryrun");
    let unknown = |name: &String| asks(name) && !(takes && name == "dry_run");
    let name = pairs.into_iter().map(|(name, _)| name).find(unknown)?;
    Some(Problem::bad_request(match takes {
        true => format!("the query: `{name}` is unknown; it is `dry_run`"),
        false => format!("the query: `{name}` is unknown here; nothing was done"),
    }))
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
        .layer(middleware::from_fn(refuse_unknown_dry_run))
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
