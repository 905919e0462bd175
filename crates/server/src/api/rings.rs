//! Rings: make, list, show, explain, destroy.

use axum::Json as Reply;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use keytide_ring::explain::Explanation;
use keytide_ring::{Policy, PolicySpec, RingName, RingSummary, RingView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::change::{Trying, as_seen_by};
use crate::auth::{Caller, CallerOfSome, ToAdmin, ToReadRings};
use crate::body::{InRing, Json, Query, from_value};
use crate::problem::Problem;
use crate::state::State;

/// The most rings in one page.
const LONGEST_PAGE: usize = 1_000;

pub(crate) async fn create(
    caller: CallerOfSome<ToAdmin>,
    Query(Trying { dry_run }): Query<Trying>,
    Shared(state): Shared<State>,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    let name = body.remove("name").ok_or_else(|| Problem::bad_request("`name` is missing"))?;
    let name: RingName =
        name.as_str().ok_or_else(|| Problem::bad_request("`name`: expected a string"))?.parse()?;
    let caller = caller.of_ring(&state, &name)?;
    // Tokens that name their issuer can be verified from discovery alone. `null` waives it.
    if state.config.has_usable_origin() {
        let default_issuer = || Value::String(format!("{}/rings/{name}", state.origin));
        body.entry("issuer").or_insert_with(default_issuer);
    }
    let spec: PolicySpec = from_value(Value::Object(body))?;
    let policy = Policy::new(spec)?;
    if dry_run {
        let tried = state.blocking(move |keeper| keeper.try_create(&name, policy)).await?;
        return Ok(Reply(as_seen_by(&caller, tried)).into_response());
    }
    let made = name.clone();
    let snapshot =
        state.blocking(move |keeper| keeper.create(&made, policy, &caller.actor)).await?;
    let location = [(header::LOCATION, format!("/v1/rings/{name}"))];
    let view = Reply(RingView::of(snapshot.ring()));
    Ok((StatusCode::CREATED, location, view).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    caller: CallerOfSome<ToReadRings>,
    Shared(state): Shared<State>,
    Query(Page { after, limit }): Query<Page>,
) -> Result<Reply<Rings>, Problem> {
    let limit = limit.unwrap_or(100).clamp(1, LONGEST_PAGE);
    let mut rings =
        state.blocking(move |keeper| keeper.store().list(after.as_ref(), limit + 1)).await?;
    let more = rings.len() > limit;
    rings.truncate(limit);
    let next = rings.last().filter(|_| more).map(|ring| ring.name.clone());
    rings.retain(|ring| caller.reaches(&ring.name));
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
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    reason: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn destroy(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Query(End { reason, dry_run }): Query<End>,
) -> Result<Response, Problem> {
    if dry_run {
        let tried = state.blocking(move |keeper| keeper.try_destroy(&ring)).await?;
        return Ok(Reply(as_seen_by(&caller, tried)).into_response());
    }
    state.blocking(move |keeper| keeper.destroy(&ring, &caller.actor, reason.as_deref())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
