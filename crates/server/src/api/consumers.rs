//! Who verifies or signs with a ring's keys: declared, listed, answered for, taken away.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_ring::explain::ConsumerView;
use keytide_ring::{Changed, Command, ConsumerSpec};
use serde::{Deserialize, Serialize};

use super::change::{Trying, change};
use crate::auth::{Caller, ToAdmin, ToReadRings, ToRotate};
use crate::body::{InRing, Json, OfConsumer, Query};
use crate::problem::Problem;
use crate::state::State;

#[derive(Serialize)]
pub(crate) struct Consumers {
    consumers: Vec<ConsumerView>,
}

pub(crate) async fn list(
    _caller: Caller<ToReadRings>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
) -> Result<Reply<Consumers>, Problem> {
    let explanation = state.blocking(move |keeper| keeper.explain(&ring)).await?;
    Ok(Reply(Consumers { consumers: explanation.consumers }))
}

pub(crate) async fn add(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(consumer): Json<ConsumerSpec>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::AddConsumer { consumer }, caller, trying).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    reason: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn remove(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    OfConsumer(name): OfConsumer,
    Query(Removal { reason, dry_run }): Query<Removal>,
    Shared(state): Shared<State>,
) -> Result<Reply<Changed>, Problem> {
    let command = Command::RemoveConsumer { name, reason };
    change(state, ring, command, caller, Trying { dry_run }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumption {
    instance: Option<String>,
    reason: Option<String>,
}

pub(crate) async fn assume_restarted(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    OfConsumer(consumer): OfConsumer,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Assumption { instance, reason }): Json<Assumption>,
) -> Result<Reply<Changed>, Problem> {
    let command = Command::Assume { consumer, instance, reason };
    change(state, ring, command, caller, trying).await
}
