//! What the public may fetch of a ring: its set of keys and its discovery document, cacheable as rotation demands.

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use keytide_ring::{Error, PublishedSet, RingName};
use serde_json::json;

use crate::body::InRing;
use crate::problem::Problem;
use crate::state::State;

pub(crate) async fn jwks(
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    state.ring(&ring).await?;
    let PublishedSet { body, etag, cache_control } = state.keeper.published(&ring)?;
    answer(&headers, "application/jwk-set+json", body, &etag, &cache_control)
}

/// OpenID Connect Discovery 1.0 §3, as far as it concerns keys: the members that an issuer without
/// an authorization endpoint publishes.
pub(crate) async fn discovery(
    InRing(name): InRing,
    Shared(state): Shared<State>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let snapshot = state.ring(&name).await?;
    let PublishedSet { etag, cache_control, .. } = state.keeper.published(&name)?;
    let ring = snapshot.ring();
    let Some(issuer) = &ring.policy().spec().issuer else {
        return Err(Error::IssuerNotSet { ring: name }.into());
    };
    let mut algorithms: Vec<_> = ring.verifying().map(|key| key.algorithm.as_str()).collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    let document = json!({
        "issuer": issuer,
        "jwks_uri": jwks_uri(&state, &name),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
    });
    let body = document.to_string().into_bytes();
    answer(&headers, "application/json", body, &etag, &cache_control)
}

fn jwks_uri(state: &State, ring: &RingName) -> String {
    format!("{}/rings/{ring}/.well-known/jwks.json", state.origin)
}

fn answer(
    request: &HeaderMap,
    kind: &'static str,
    body: Vec<u8>,
    etag: &str,
    cache_control: &str,
) -> Result<Response<Body>, Problem> {
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag);
    let text = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Problem::bad_request("a header is not ASCII"))
    };
    let mut response = Response::new(if known { Body::empty() } else { Body::from(body) });
    let headers = response.headers_mut();
    headers.insert(header::ETAG, text(etag)?);
    headers.insert(header::CACHE_CONTROL, text(cache_control)?);
    // The set is public: a browser may verify with it from anywhere.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Ok(response)
}
