//! Signing: claims in, a token out.

use axum::Json as Reply;
use axum::extract::State as Shared;
use keytide_ring::{Keeper, RingName, SignRequest, Signed};
use serde::Serialize;
use serde_json::{Map, Value};

use super::batch::OneOrMany;
use crate::auth::{Caller, ToSign};
use crate::body::{InRing, Json};
use crate::problem::{Problem, Refusal};
use crate::state::State;
use crate::telemetry::ResultLabels;

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    One(Signed),
    Many { batch: Vec<Item> },
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Item {
    Signed(Signed),
    Refused { error: Refusal },
}

pub(crate) async fn sign(
    _caller: Caller<ToSign>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(body): Json<Map<String, Value>>,
) -> Result<Reply<Answer>, Problem> {
    let asked = OneOrMany::read(body, state.config.batch_limit)?;
    state.ring(&ring).await?;
    let count = |result| state.metrics.signed.get_or_create(&ResultLabels { result }).inc();
    match asked {
        OneOrMany::One(request) => {
            let signed = state.keeper.sign(&ring, request);
            count(if signed.is_ok() { "signed" } else { "refused" });
            Ok(Reply(Answer::One(signed?)))
        }
        OneOrMany::Many(requests) => {
            let batch = state.blocking(move |keeper| sign_all(keeper, &ring, requests)).await;
            for item in &batch {
                count(if matches!(item, Item::Signed(_)) { "signed" } else { "refused" });
            }
            Ok(Reply(Answer::Many { batch }))
        }
    }
}

fn sign_all(keeper: &Keeper, ring: &RingName, requests: Vec<SignRequest>) -> Vec<Item> {
    let sign = |request| match keeper.sign(ring, request) {
        Ok(signed) => Item::Signed(signed),
        Err(error) => Item::Refused { error: (&error).into() },
    };
    requests.into_iter().map(sign).collect()
}
