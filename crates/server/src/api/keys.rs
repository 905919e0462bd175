//! Keys for those that work with them: the set by role, a wait for the next one, and the word that it is loaded.

use std::time::Duration;

use axum::Json as Reply;
use axum::body::{Body, Bytes};
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use keytide_jose::Secret;
use keytide_jose::key::SigningKey;
use keytide_ring::{Actor, CheckIn, Delivered, Delivery, Epoch, Error, Material, RingName, Span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::Instant;

use crate::auth::{Caller, ToReadKeys};
use crate::body::{InRing, Json, Query};
use crate::problem::Problem;
use crate::state::State;

/// How long a request waits for the next epoch if it does not say, and at most.
const WAIT: Span = Span::from_secs(30);
const LONGEST_WAIT: Span = Span::from_secs(60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    consumer: Option<String>,
    instance: Option<String>,
    /// Answer once the ring is at another epoch than this.
    after: Option<Epoch>,
    wait: Option<Span>,
}

pub(crate) async fn fetch(
    caller: Caller<ToReadKeys>,
    InRing(ring): InRing,
    Query(asked): Query<Asked>,
    Shared(state): Shared<State>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let Asked { consumer, instance, after, wait } = asked;
    let snapshot = state.ring(&ring).await?;
    let policy = snapshot.ring().policy();
    let said = match (consumer, instance) {
        (Some(consumer), Some(instance)) => Some(CheckIn { consumer, instance, epoch: None }),
        (None, None) if !policy.algorithm().is_symmetric() => None,
        (None, None) => {
            return Err(Problem::bad_request(
                "`consumer` and `instance` are missing: the log keeps who has a ring's secrets",
            ));
        }
        _ => return Err(Problem::bad_request("`consumer` and `instance` go together")),
    };
    let mut wait = wait.unwrap_or(WAIT).min(LONGEST_WAIT);
    if let Some(CheckIn { consumer, .. }) = &said {
        // A lease must not end while its holder waits here.
        wait = wait.min(Span::from_millis(policy.lease_of(consumer).as_millis() / 2));
    }
    drop(snapshot);
    let end = Instant::now() + Duration::from_millis(wait.as_millis());
    let mut changes = state.wakes.follow(&state.keeper, &ring);
    loop {
        let delivery = deliver(&state, &ring, said.as_ref(), &caller.actor).await?;
        if after != Some(delivery.epoch) {
            return answer(&delivery, &headers);
        }
        tokio::select! {
            // Memory may lag behind the store: then this wakes once for nothing.
            changed = changes.changed() => if changed.is_err() {
                return Ok(unchanged(delivery.epoch));
            },
            () = tokio::time::sleep_until(end) => return Ok(unchanged(delivery.epoch)),
            () = state.wakes.stopped() => return Ok(unchanged(delivery.epoch)),
        }
        // Only a ring in memory is heard of.
        state.ring(&ring).await?;
        // Who lost its permission while it waited gets no newer keys.
        caller.check_again(&state, &ring).await?;
    }
}

/// Reads the set, and renews the lease of whom it goes to.
async fn deliver(
    state: &State,
    ring: &RingName,
    said: Option<&CheckIn>,
    actor: &Actor,
) -> Result<Delivery, Problem> {
    let (ring, said, actor) = (ring.clone(), said.cloned(), actor.clone());
    let delivered = state.blocking(move |keeper| match said {
        Some(said) => keeper.check_in(&ring, &said, &actor),
        None => keeper.delivery(&ring),
    });
    Ok(delivered.await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    consumer: String,
    instance: String,
    epoch: Epoch,
}

#[derive(Serialize)]
pub(crate) struct Acknowledged {
    ring: RingName,
    epoch: Epoch,
    lease_until: Option<Timestamp>,
}

pub(crate) async fn acknowledge(
    caller: Caller<ToReadKeys>,
    InRing(ring): InRing,
    Shared(state): Shared<State>,
    Json(Acknowledgement { consumer, instance, epoch }): Json<Acknowledgement>,
) -> Result<Reply<Acknowledged>, Problem> {
    let said = CheckIn { consumer, instance, epoch: Some(epoch) };
    let Delivery { ring, epoch, to, .. } =
        state.blocking(move |keeper| keeper.check_in(&ring, &said, &caller.actor)).await?;
    Ok(Reply(Acknowledged { ring, epoch, lease_until: to.map(|to| to.lease_until) }))
}

fn answer(delivery: &Delivery, request: &HeaderMap) -> Result<Response<Body>, Problem> {
    let epoch = delivery.epoch;
    let tag = tag(epoch);
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let mut tags = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        tags.any(|known| known == tag.as_bytes())
    });
    if known {
        return Ok(unchanged(epoch));
    }
    let body = Bytes::from_owner(Wiped(body(delivery)?));
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    protect(headers, epoch);
    Ok(response)
}

fn unchanged(epoch: Epoch) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    protect(response.headers_mut(), epoch);
    response
}

fn protect(headers: &mut HeaderMap, epoch: Epoch) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(tag) = HeaderValue::from_str(&tag(epoch)) {
        headers.insert(header::ETAG, tag);
    }
}

fn tag(epoch: Epoch) -> String {
    format!("\"{epoch}\"")
}

/// A body that is wiped once it was sent.
struct Wiped(Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

/// `{"ring":…,"epoch":…,"active":{JWK},"next":{JWK},"previous":[{JWK}]}`, in one piece of memory.
fn body(delivery: &Delivery) -> Result<Secret, Error> {
    let Delivery { ring, epoch, algorithm, active, next, previous, to } = delivery;
    let head = json!({
        "ring": ring,
        "epoch": epoch,
        "algorithm": algorithm,
        "lease_until": to.as_ref().map(|to| to.lease_until),
    })
    .to_string();
    let (active, next) = (jwk(active)?, jwk(next)?);
    let previous = previous.iter().map(jwk).collect::<Result<Vec<_>, _>>()?;
    let older = previous.iter().map(|jwk| jwk.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(head.len() + active.len() + next.len() + older + 64);
    body.extend_from_slice(head.strip_suffix('}').unwrap_or(&head).as_bytes());
    body.extend_from_slice(br#","active":"#);
    body.extend_from_slice(active.expose());
    body.extend_from_slice(br#","next":"#);
    body.extend_from_slice(next.expose());
    body.extend_from_slice(br#","previous":["#);
    for (nth, jwk) in previous.iter().enumerate() {
        if nth > 0 {
            body.push(b',');
        }
        body.extend_from_slice(jwk.expose());
    }
    body.extend_from_slice(b"]}");
    Ok(Secret::new(body))
}

/// A symmetric key as `oct`, any other as its public half.
fn jwk(key: &Delivered) -> Result<Secret, Error> {
    match &key.material {
        Material::Public(public) => {
            let json = serde_json::to_vec(public.as_ref());
            Ok(Secret::new(json.expect("a public key is plain JSON")))
        }
        Material::Secret(exported) => {
            let key = SigningKey::import(key.algorithm, exported)?.with_key_id(key.kid.clone());
            Ok(key.to_private_jwk().expose_json())
        }
    }
}
