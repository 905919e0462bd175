//! Verifying: a token in, its claims out, or why not.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_ring::{Error, Keeper, RingName, Verification, VerifyRequest};
use serde::Serialize;
use serde_json::{Map, Value};

use super::batch::OneOrMany;
use crate::auth::{Caller, ToVerify};
use crate::body::{InRing, Json};
use crate::problem::{Problem, Refusal};
use crate::state::State;
use crate::telemetry::ResultLabels;

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    One(Item),
    Many { batch: Vec<Item> },
}

#[derive(Serialize)]
pub(crate) struct Item {
    valid: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

pub(crate) async fn verify(
    _caller: Caller<ToVerify>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Reply<Answer>, Problem> {
    let asked = OneOrMany::read(body, state.config.batch_limit)?;
    state.ring(&ring).await?;
    let count = |item: &Item| {
        let result = if item.valid { "valid" } else { "invalid" };
        state.metrics.verified.get_or_create(&ResultLabels { result }).inc();
    };
    match asked {
        OneOrMany::One(request) => {
            let item = judge(&state.keeper, &ring, &request)?;
            count(&item);
            Ok(Reply(Answer::One(item)))
        }
        OneOrMany::Many(requests) => {
            let judged = state.blocking(move |keeper| {
                requests.iter().map(|request| judge(keeper, &ring, request)).collect()
            });
            let batch: Result<Vec<Item>, Error> = judged.await;
            let batch = batch?;
            batch.iter().for_each(count);
            Ok(Reply(Answer::Many { batch }))
        }
    }
}

/// What the engine says of the token is the answer; anything else is an error of the request.
fn judge(keeper: &Keeper, ring: &RingName, request: &VerifyRequest) -> Result<Item, Error> {
    match keeper.verify(ring, request) {
        Ok(verification) => Ok(Item { valid: true, verification: Some(verification), error: None }),
        Err(error @ Error::Jose(_)) => {
            Ok(Item { valid: false, verification: None, error: Some((&error).into()) })
        }
        Err(error) => Err(error),
    }
}
