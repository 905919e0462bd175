//! Targets of a ring: places that hold a copy of its keys, added with their settings, tried, written to, taken away.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use keytide_jose::Secret;
use keytide_ring::{Permission, TargetName, TargetView};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::{Caller, ToAdmin, ToReadRings, ToRotate};
use crate::body::{InRing, Json, OfTarget, Query};
use crate::codes;
use crate::copies::{By, Copies, CopyError, NewTarget, Removal};
use crate::problem::Problem;
use crate::state::{LONGEST_WAIT, State};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addition {
    name: TargetName,
    #[serde(default)]
    replace: bool,
    settings: Map<String, Value>,
}

pub(crate) async fn add(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(Addition { name, replace, settings }): Json<Addition>,
) -> Result<(StatusCode, Reply<TargetView>), Problem> {
    // Whoever says where the keys go could read them there.
    caller.check_grants(&state, Permission::ReadKeys)?;
    let settings = serde_json::to_vec(&settings).map(Secret::new);
    let settings = settings.map_err(|error| Problem::bad_request(error.to_string()))?;
    let new = NewTarget { name, settings, replace };
    let added = with_copies(&state, move |copies| {
        let by = By { actor: &caller.actor, remote: Some(caller.reach()) };
        copies.add(&ring, new, by)
    });
    let added = added.await?;
    Ok((StatusCode::CREATED, Reply(added)))
}

#[derive(Serialize)]
pub(crate) struct Targets {
    targets: Vec<TargetView>,
}

pub(crate) async fn list(
    _caller: Caller<ToReadRings>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
) -> Result<Reply<Targets>, Problem> {
    let targets = with_copies(&state, move |copies| copies.list(&ring)).await?;
    Ok(Reply(Targets { targets }))
}

pub(crate) async fn test(
    _caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    OfTarget(name): OfTarget,
    Shared(state): Shared<State>,
) -> Result<Reply<Value>, Problem> {
    Ok(Reply(with_copies(&state, move |copies| copies.test(&ring, &name)).await?))
}

pub(crate) async fn push(
    _caller: Caller<ToRotate>,
    InRing(ring): InRing,
    OfTarget(name): OfTarget,
    Shared(state): Shared<State>,
) -> Result<Reply<TargetView>, Problem> {
    Ok(Reply(with_copies(&state, move |copies| copies.push(&ring, &name)).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leaving {
    #[serde(default)]
    delete_copy: bool,
    reason: Option<String>,
}

pub(crate) async fn remove(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    OfTarget(name): OfTarget,
    Query(Leaving { delete_copy, reason }): Query<Leaving>,
    Shared(state): Shared<State>,
) -> Result<StatusCode, Problem> {
    let removal = Removal { delete_copy, reason };
    let removed =
        with_copies(&state, move |copies| copies.remove(&ring, &name, &removal, &caller.actor));
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks whoever keeps copies, off the threads that serve connections. Only so many wait at once for
/// places that may never answer, so that they take no thread from those who sign.
async fn with_copies<T: Send + 'static>(
    state: &State,
    work: impl FnOnce(&dyn Copies) -> Result<T, CopyError> + Send + 'static,
) -> Result<T, Problem> {
    let Some(copies) = state.copies.as_ref().map(Arc::clone) else {
        let why = "this server keeps no copies elsewhere";
        return Err(Problem::new(StatusCode::NOT_FOUND, codes::ROUTE_NOT_FOUND, why));
    };
    let place = tokio::time::timeout(LONGEST_WAIT, state.with_targets.acquire()).await;
    let Ok(Ok(_place)) = place else {
        let why = "too many wait for targets that do not answer";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, codes::OVERLOADED, why));
    };
    Ok(state.blocking(move |_| work(copies.as_ref())).await?)
}
