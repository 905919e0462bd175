//! Access tokens: issued with fewer permissions than the operator's, listed without their secrets, withdrawn.

use axum::Json as Reply;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use keytide_jose::SystemRng;
use keytide_ring::{AccessToken, AccessView, Error, Permission, RingPattern, Span};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::{Caller, ToAdmin, hash_access_token, new_access_token};
use crate::body::{Json, OfSubject};
use crate::problem::Problem;
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    subject: String,
    permissions: Vec<Permission>,
    #[serde(default = "every_ring")]
    rings: Vec<RingPattern>,
    expires: Option<Span>,
}

fn every_ring() -> Vec<RingPattern> {
    vec![RingPattern::all()]
}

/// The only answer that has the token: the store knows its hash. Nobody grants more than they have.
pub(crate) async fn grant(
    caller: Caller<ToAdmin>,
    Shared(state): Shared<State>,
    Json(Grant { subject, permissions, rings, expires }): Json<Grant>,
) -> Result<Response, Problem> {
    for permission in &permissions {
        caller.check_grants(&state, *permission)?;
    }
    let granted = state.blocking(move |keeper| {
        let token = new_access_token(&mut SystemRng)?;
        let hash = hash_access_token(token.expose());
        let now = keeper.store().now()?;
        let access = AccessToken::issue(hash, &subject, permissions, rings, expires, now)?;
        keeper.store().put_access(&access, &caller.actor)?;
        Ok::<_, Error>((token, access.view()))
    });
    let (token, view) = granted.await?;
    let mut body = json!(view);
    body["token"] = String::from_utf8_lossy(token.expose()).into();
    let mut response = (StatusCode::CREATED, Reply(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Serialize)]
pub(crate) struct Granted {
    access: Vec<AccessView>,
}

pub(crate) async fn list(
    _caller: Caller<ToAdmin>,
    Shared(state): Shared<State>,
) -> Result<Reply<Granted>, Problem> {
    let all = state.blocking(|keeper| keeper.store().list_access()).await?;
    Ok(Reply(Granted { access: all.iter().map(AccessToken::view).collect() }))
}

#[derive(Serialize)]
pub(crate) struct Ended {
    ended: usize,
}

/// This server forgets at once what it believed; others within seconds.
pub(crate) async fn end(
    caller: Caller<ToAdmin>,
    OfSubject(subject): OfSubject,
    Shared(state): Shared<State>,
) -> Result<Reply<Ended>, Problem> {
    let ended =
        state.blocking(move |keeper| keeper.store().end_access(&subject, &caller.actor)).await?;
    state.access.forget();
    Ok(Reply(Ended { ended }))
}
