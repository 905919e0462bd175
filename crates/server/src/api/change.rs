//! Changes to a ring by hand: switches, revocation, roll-back, policy, and the end of a secret.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_jose::KeyId;
use keytide_ring::{Changed, Command, Permission, RingName, When};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::auth::{Caller, ToAdmin, ToRevoke, ToRotate};
use crate::body::{InRing, Json, OfKey, Query};
use crate::problem::Problem;
use crate::state::State;

/// `?dry_run=true`: say what would happen, and do nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trying {
    #[serde(default)]
    pub(crate) dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    #[serde(default)]
    when: Moment,
    #[serde(default)]
    force: bool,
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Moment {
    #[default]
    Now,
    Safe,
}

impl Moment {
    fn forced(self, force: bool) -> Result<When, Problem> {
        match (self, force) {
            (Self::Now, false) => Ok(When::IfSafe),
            (Self::Now, true) => Ok(When::Forced),
            (Self::Safe, false) => Ok(When::WhenSafe),
            (Self::Safe, true) => {
                Err(Problem::bad_request("`force` cannot stand beside `\"when\": \"safe\"`"))
            }
        }
    }
}

pub(crate) async fn rotate(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Switch { when, force, reason }): Json<Switch>,
) -> Result<Reply<Changed>, Problem> {
    let command = Command::Activate { kid: None, when: when.forced(force)?, reason };
    change(state, ring, command, caller, trying).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activate {
    kid: KeyId,
    #[serde(default)]
    when: Moment,
    #[serde(default)]
    force: bool,
    reason: Option<String>,
}

pub(crate) async fn activate(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Activate { kid, when, force, reason }): Json<Activate>,
) -> Result<Reply<Changed>, Problem> {
    let command = Command::Activate { kid: Some(kid), when: when.forced(force)?, reason };
    change(state, ring, command, caller, trying).await
}

/// A body that says why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    reason: Option<String>,
}

pub(crate) async fn roll_back(
    caller: Caller<ToRotate>,
    InRing(ring): InRing,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Why { reason }): Json<Why>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::Rollback { reason }, caller, trying).await
}

pub(crate) async fn revoke(
    caller: Caller<ToRevoke>,
    InRing(ring): InRing,
    OfKey(kid): OfKey,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Why { reason }): Json<Why>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::Revoke { kid, reason }, caller, trying).await
}

pub(crate) async fn destroy_key(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    OfKey(kid): OfKey,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(Why { reason }): Json<Why>,
) -> Result<Reply<Changed>, Problem> {
    change(state, ring, Command::Destroy { kid, reason }, caller, trying).await
}

/// The body is the fields that change (RFC 7396), and `reason` beside them.
pub(crate) async fn set_policy(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Query(trying): Query<Trying>,
    Shared(state): Shared<State>,
    Json(mut patch): Json<Map<String, Value>>,
) -> Result<Reply<Changed>, Problem> {
    let reason = match patch.remove("reason") {
        None | Some(Value::Null) => None,
        Some(Value::String(reason)) => Some(reason),
        Some(_) => return Err(Problem::bad_request("`reason`: expected a string")),
    };
    change(state, ring, Command::Change { patch, reason }, caller, trying).await
}

/// Does what is asked, or says what it would do.
pub(super) async fn change<N>(
    state: State,
    ring: RingName,
    command: Command,
    caller: Caller<N>,
    Trying { dry_run }: Trying,
) -> Result<Reply<Changed>, Problem> {
    if dry_run {
        let tried = state.blocking(move |keeper| keeper.try_out(&ring, command)).await?;
        return Ok(Reply(as_seen_by(&caller, tried)));
    }
    let changed = state.blocking(move |keeper| keeper.command(&ring, command, &caller.actor));
    Ok(Reply(changed.await?))
}

/// What a dry run found, without the ring's own account for those who may not read rings.
pub(super) fn as_seen_by<N>(caller: &Caller<N>, tried: Changed) -> Changed {
    match caller.may(Permission::ReadRings) {
        true => tried,
        false => Changed { explain: None, ..tried },
    }
}
