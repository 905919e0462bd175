//! Webhooks of a ring: declared with a secret that is shown once, listed with their attempts, taken away.

use axum::Json as Reply;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use keytide_jose::SystemRng;
use keytide_ring::{Error, Webhook, WebhookView};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::{Caller, ToAdmin};
use crate::body::{InRing, Json, OfWebhook};
use crate::problem::Problem;
use crate::state::State;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declaration {
    url: String,
}

pub(crate) async fn add(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(Declaration { url }): Json<Declaration>,
) -> Result<Response, Problem> {
    let added = state.blocking(move |keeper| {
        let store = keeper.store();
        let snapshot = keeper.snapshot(&ring)?;
        let webhook = Webhook::new(snapshot.ring(), &url, store.now()?, &mut SystemRng)?;
        store.put_webhook(&webhook, &caller.actor)?;
        Ok::<_, Error>(webhook)
    });
    let webhook = added.await?;
    let mut body = json!(webhook.view());
    body["secret"] = String::from_utf8_lossy(webhook.shown_secret().expose()).into();
    let mut response = (StatusCode::CREATED, Reply(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Serialize)]
pub(crate) struct Webhooks {
    webhooks: Vec<WebhookView>,
}

pub(crate) async fn list(
    _caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
) -> Result<Reply<Webhooks>, Problem> {
    state.ring(&ring).await?;
    let all = state.blocking(|keeper| keeper.store().webhooks()).await?;
    let own = all.iter().filter(|webhook| webhook.ring == ring);
    Ok(Reply(Webhooks { webhooks: own.map(Webhook::view).collect() }))
}

pub(crate) async fn remove(
    caller: Caller<ToAdmin>,
    InRing(ring): InRing,
    OfWebhook(id): OfWebhook,
    Shared(state): Shared<State>,
) -> Result<StatusCode, Problem> {
    let removed =
        state.blocking(move |keeper| keeper.store().remove_webhook(&ring, &id, &caller.actor));
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
