//! Changes of a ring as server-sent events (WHATWG HTML §9.2): its epochs and what changed, never a secret.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::channel::{Channel, Sender};
use keytide_ring::{Epoch, Ring, RingName, Snapshot};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::auth::{Caller, ToReadKeys};
use crate::body::InRing;
use crate::listener::Streams;
use crate::problem::Problem;
use crate::state::State;
use crate::wake::Latest;

/// A comment this often tells both ends that the other is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that a slow reader may be behind; it misses none, for the last one tells all.
const BEHIND: usize = 4;

pub(crate) async fn stream(
    caller: Caller<ToReadKeys>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let mut changes = {
        state.ring(&ring).await?;
        state.wakes.follow(&state.keeper, &ring)
    };
    let current = changes.borrow_and_update().clone();
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let (sender, body) = Channel::<Bytes, Infallible>::new(BEHIND);
    let events = Events { sender, known: None, caller, of: ring };
    tokio::spawn(async move {
        // Whoever went away needs no answer.
        let _gone = events.run(state, changes, current, last.map(Epoch::new)).await;
    });
    let mut response = Response::new(Body::new(body));
    response.extensions_mut().insert(Streams);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A reader, and the ring as it was told last.
struct Events {
    sender: Sender<Bytes, Infallible>,
    known: Option<Arc<Snapshot>>,
    caller: Caller<ToReadKeys>,
    of: RingName,
}

/// The reader is gone, or may read no more.
struct Gone;

impl Events {
    /// Tells every epoch until the reader, the ring or the server goes.
    async fn run(
        mut self,
        state: State,
        mut changes: watch::Receiver<Latest>,
        current: Latest,
        last: Option<Epoch>,
    ) -> Result<(), Gone> {
        self.send(&state, "retry: 1000\n\n".to_owned()).await?;
        match current {
            // A reader that comes back knows this one already.
            Some(snapshot) if last == Some(snapshot.ring().epoch()) => self.known = Some(snapshot),
            Some(snapshot) => self.tell(&state, snapshot).await?,
            None => {}
        }
        loop {
            tokio::select! {
                changed = changes.changed() => {
                    let latest = changes.borrow_and_update().clone();
                    match latest {
                        Some(snapshot) if changed.is_ok() => self.tell(&state, snapshot).await?,
                        // It went, or cannot be trusted: whoever asks again is told.
                        _ => return Ok(()),
                    }
                }
                () = tokio::time::sleep(HEARTBEAT) => self.send(&state, ":\n\n".to_owned()).await?,
                () = state.wakes.stopped() => return Ok(()),
            }
        }
    }

    async fn tell(&mut self, state: &State, snapshot: Arc<Snapshot>) -> Result<(), Gone> {
        let ring = snapshot.ring();
        let mut data = roles(ring);
        if let Some(known) = &self.known {
            data["changed"] = json!(changed(known.ring(), ring));
        }
        let event = format!("id: {}\nevent: epoch\ndata: {data}\n\n", ring.epoch());
        self.known = Some(snapshot);
        self.send(state, event).await
    }

    async fn send(&mut self, state: &State, text: String) -> Result<(), Gone> {
        match self.caller.check_again(state, &self.of).await {
            // A store that does not answer takes nobody's permission.
            Err(problem) if problem.is_refusal() => return Err(Gone),
            _ => {}
        }
        self.sender.send_data(Bytes::from(text)).await.map_err(|_| Gone)
    }
}

/// Which key does what.
fn roles(ring: &Ring) -> Value {
    let previous: Vec<_> =
        ring.past().iter().filter(|key| key.state.verifies()).map(|key| &key.kid).collect();
    json!({
        "ring": ring.name(),
        "epoch": ring.epoch(),
        "active": ring.active().kid,
        "next": ring.standby().kid,
        "previous": previous,
    })
}

/// The roles that changed, and `policy`.
fn changed(before: &Ring, after: &Ring) -> Vec<&'static str> {
    let (old, new) = (roles(before), roles(after));
    let mut changed: Vec<_> =
        ["active", "next", "previous"].into_iter().filter(|role| old[role] != new[role]).collect();
    if before.policy() != after.policy() {
        changed.push("policy");
    }
    changed
}
