//! Tells webhooks of changes: signed, one attempt at a time however many nodes there are, again after a failure.

use std::thread;
use std::time::Duration;

use keytide_jose::{Rng, SystemRng};
use keytide_ring::{Attempt, Error, Message, Ring, Webhook};
use reqwest::blocking::Client;

use crate::state::State;
use crate::telemetry::ResultLabels;

/// From the first byte sent to the answer's head; the store lets another node try after 30 s.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How many are told at once.
const AT_ONCE: usize = 16;

/// A client that follows no redirect and takes no proxy: a message goes where its webhook says.
pub(crate) fn client() -> Option<Client> {
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .user_agent(concat!("keytide/", env!("CARGO_PKG_VERSION")))
        .build();
    match client {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!("no webhook can be told: {error}");
            None
        }
    }
}

/// Tells everybody who is due.
pub(crate) fn tell_webhooks(state: &State, client: &Client) {
    let told = due(state).map(|due| {
        for group in due.chunks(AT_ONCE) {
            thread::scope(|threads| {
                for (webhook, ring) in group {
                    threads.spawn(|| tell(state, client, webhook, ring));
                }
            });
        }
    });
    if let Err(error) = told {
        tracing::warn!(code = error.code(), "webhooks could not be read: {error}");
    }
}

fn due(state: &State) -> Result<Vec<(Webhook, Ring)>, Error> {
    let store = state.keeper.store();
    let webhooks = store.webhooks()?;
    if webhooks.is_empty() {
        return Ok(Vec::new());
    }
    let now = store.now()?;
    let with_ring = webhooks.into_iter().filter_map(|webhook| {
        let ring = state.keeper.snapshot(&webhook.ring).ok()?.ring().clone();
        webhook.is_due(&ring, now).then_some((webhook, ring))
    });
    Ok(with_ring.collect())
}

fn tell(state: &State, client: &Client, webhook: &Webhook, ring: &Ring) {
    let (id, at) = (&webhook.id, ring.name());
    match attempt(state, client, webhook, ring) {
        Ok(None) => {}
        Ok(Some(Attempt { status: Some(status @ 200..300), epoch, .. })) => {
            state.metrics.told.get_or_create(&ResultLabels { result: "taken" }).inc();
            tracing::info!(ring = %at, webhook = id, status, %epoch, "a webhook was told");
        }
        Ok(Some(Attempt { status, failure, epoch, .. })) => {
            state.metrics.told.get_or_create(&ResultLabels { result: "failed" }).inc();
            tracing::warn!(ring = %at, webhook = id, status, failure, %epoch, "a webhook was not told");
        }
        Err(error) => {
            tracing::warn!(ring = %at, webhook = id, code = error.code(), "{error}");
        }
    }
}

/// One attempt, unless another node makes it.
fn attempt(
    state: &State,
    client: &Client,
    webhook: &Webhook,
    ring: &Ring,
) -> Result<Option<Attempt>, Error> {
    let store = state.keeper.store();
    let now = store.now()?;
    let attempting = webhook.standing.attempting(now);
    if !store.settle_webhook(&webhook.id, webhook.standing.version, &attempting)? {
        return Ok(None);
    }
    let message = webhook.message(ring, now)?;
    let answer = post(client, &webhook.url, message);
    let (status, failure) = match answer {
        Ok(status) => (Some(status), None),
        Err(why) => (None, Some(why)),
    };
    let attempt = Attempt { at: now, epoch: ring.epoch(), status, failure };
    let mut jitter = [0];
    SystemRng.fill(&mut jitter)?;
    let settled = attempting.after(attempt.clone(), jitter[0]);
    store.settle_webhook(&webhook.id, attempting.version, &settled)?;
    Ok(Some(attempt))
}

/// The headers are those of the Standard Webhooks specification.
fn post(client: &Client, url: &str, message: Message) -> Result<u16, String> {
    let Message { id, body, timestamp, signature } = message;
    let answer = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signature)
        .body(body)
        .send();
    match answer {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            Err(cause.to_string())
        }
    }
}
