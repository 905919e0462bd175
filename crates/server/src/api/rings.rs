//! Rings: make, list, show, explain, destroy.

use axum::Json as Reply;
use axum::extract::{Query, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use keytide_ring::explain::Explanation;
use keytide_ring::{Policy, PolicySpec, RingName, RingSummary, RingView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::{Caller, ToAdmin, ToReadRings};
use crate::body::{InRing, Json, from_value};
use crate::problem::Problem;
use crate::state::State;

/// The most rings in one page.
const LONGEST_PAGE: usize = 1_000;

pub(crate) async fn create(
    caller: Caller<ToAdmin>,
    Shared(state): Shared<State>,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<impl IntoResponse, Problem> {
    let name = body.remove("name").ok_or_else(|| Problem::bad_request("`name` is missing"))?;
    let name: RingName =
        name.as_str().ok_or_else(|| Problem::bad_request("`name`: expected a string"))?.parse()?;
    // Tokens that name their issuer can be verified from discovery alone. `null` waives it.
    if state.config.has_usable_origin() {
        let default_issuer = || Value::String(format!("{}/rings/{name}", state.origin));
        body.entry("issuer").or_insert_with(default_issuer);
    }
    let spec: PolicySpec = from_value(Value::Object(body))?;
    let policy = Policy::new(spec)?;
    let made = name.clone();
    let snapshot =
        state.blocking(move |keeper| keeper.create(&made, policy, &caller.actor)).await?;
    let location = [(header::LOCATION, format!("/v1/rings/{name}"))];
    Ok((StatusCode::CREATED, location, Reply(RingView::of(snapshot.ring()))))
}

#[derive(Deserialize)]
pub(crate) struct Page {
    after: Option<RingName>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Rings {
    rings: Vec<RingSummary>,
    next: Option<RingName>,
}

pub(crate) async fn list(
    _caller: Caller<ToReadRings>,
    Shared(state): Shared<State>,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Reply<Rings>, Problem> {
    let Query(Page { after, limit }) =
        page.map_err(|_| Problem::bad_request("`after` is a ring's name, `limit` a number"))?;
    let limit = limit.unwrap_or(100).clamp(1, LONGEST_PAGE);
    let mut rings =
        state.blocking(move |keeper| keeper.store().list(after.as_ref(), limit + 1)).await?;
    let more = rings.len() > limit;
    rings.truncate(limit);
    let next = rings.last().filter(|_| more).map(|ring| ring.name.clone());
    Ok(Reply(Rings { rings, next }))
}

pub(crate) async fn show(
    _caller: Caller<ToReadRings>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
) -> Result<Reply<RingView>, Problem> {
    let snapshot = state.ring(&ring).await?;
    Ok(Reply(RingView::of(snapshot.ring())))
}

pub(crate) async fn explain(
    _caller: Caller<ToReadRings>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
) -> Result<Reply<Explanation>, Problem> {
    Ok(Reply(state.blocking(move |keeper| keeper.explain(&ring)).await?))
}

#[derive(Deserialize)]
pub(crate) struct Why {
    reason: Option<String>,
}

pub(crate) async fn destroy(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    why: Result<Query<Why>, axum::extract::rejection::QueryRejection>,
) -> Result<StatusCode, Problem> {
    let Query(Why { reason }) = why.map_err(|_| Problem::bad_request("`reason` is a text"))?;
    state.blocking(move |keeper| keeper.destroy(&ring, &caller.actor, reason.as_deref())).await?;
    Ok(StatusCode::NO_CONTENT)
}
