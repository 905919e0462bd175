//! Changes to a ring by hand: rotate, activate, revoke.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_jose::KeyId;
use keytide_ring::{Actor, Changed, Command, RingName, When};
use serde::Deserialize;

use crate::auth::{Caller, ToRevoke, ToRotate};
use crate::body::{InRing, Json, OfKey};
use crate::problem::Problem;
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    #[serde(default)]
    force: bool,
    reason: Option<String>,
}

pub(crate) async fn rotate(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(Rotate { force, reason }): Json<Rotate>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::Activate { kid: None, when: when(force), reason }, caller.actor)
        .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activate {
    kid: KeyId,
    #[serde(default)]
    force: bool,
    reason: Option<String>,
}

pub(crate) async fn activate(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(Activate { kid, force, reason }): Json<Activate>,
) -> Result<Reply<Changed>, Problem> {
    change(
        state,
        ring,
        Command::Activate { kid: Some(kid), when: when(force), reason },
        caller.actor,
    )
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    reason: Option<String>,
}

pub(crate) async fn revoke(
    caller: Caller<ToRevoke>,
    InRing(ring): InRing,
    OfKey(kid): OfKey,
    Shared(state): Shared<State>,
    Json(Revoke { reason }): Json<Revoke>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::Revoke { kid, reason }, caller.actor).await
}

fn when(force: bool) -> When {
    if force { When::Forced } else { When::IfSafe }
}

async fn change(
    state: State,
    ring: RingName,
    command: Command,
    actor: Actor,
) -> Result<Reply<Changed>, Problem> {
    Ok(Reply(state.blocking(move |keeper| keeper.command(&ring, command, &actor)).await?))
}
