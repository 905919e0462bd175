//! Who is calling, and whether they may: a permission in a handler's signature cannot be forgotten.

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use keytide_jose::{KeyId, Rng, Secret};
use keytide_ring::{AccessToken, AccessTokenHash, Action, Actor, Event, Permission, RingName};

use crate::codes;
use crate::copies::Remote;
use crate::problem::Problem;
use crate::state::State;

/// Every access token begins with this, so that a scanner knows one when it sees it.
const PREFIX: &str = "ktop_";
/// For how long a credential is believed without asking the store again.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// How many credentials are remembered; beyond that all are asked for anew.
const MOST_REMEMBERED: usize = 10_000;

/// Makes a new access token of 256 random bits.
///
/// # Errors
/// A failure of the random source.
pub fn new_access_token(rng: &mut dyn Rng) -> Result<Secret, keytide_jose::Error> {
    let first = KeyId::random(rng)?;
    let second = KeyId::random(rng)?;
    Ok(Secret::new(format!("{PREFIX}{}{}", first.as_str(), second.as_str()).into_bytes()))
}

/// The hash under which an access token is stored.
pub fn hash_access_token(token: &[u8]) -> AccessTokenHash {
    AccessTokenHash(keytide_jose::digest::sha256(token))
}

/// A permission as a type, for handlers' signatures.
pub(crate) trait Needs: Send {
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($name:ident => $permission:ident),* $(,)?) => {
        $(
            #[doc = concat!("Needs the permission `", stringify!($permission), "`.")]
            pub(crate) struct $name;

            impl Needs for $name {
                const PERMISSION: Permission = Permission::$permission;
            }
        )*
    };
}

needs! {
    ToSign => Sign,
    ToVerify => Verify,
    ToReadRings => ReadRings,
    ToReadKeys => ReadKeys,
    ToRotate => Rotate,
    ToRevoke => Revoke,
    ToAdmin => Admin,
    ToAudit => Audit,
}

/// Proof that the caller has the permission `N`: for the ring that the path names, or, where it names
/// none, for all of them.
pub(crate) struct Caller<N> {
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
    /// By what it was known.
    hash: AccessTokenHash,
    permissions: Vec<Permission>,
    reach: Remote,
    needs: PhantomData<N>,
}

/// Proof that the caller has the permission `N` for some rings; the handler asks for which.
pub(crate) struct CallerOfSome<N> {
    caller: Caller<N>,
    access: AccessToken,
}

impl<N> CallerOfSome<N> {
    /// Whether it has the permission for this ring.
    pub(crate) fn reaches(&self, ring: &RingName) -> bool {
        self.access.reaches(ring)
    }

    /// The caller, where it has the permission for this ring.
    ///
    /// # Errors
    /// `permission_missing`.
    pub(crate) fn of_ring(self, state: &State, ring: &RingName) -> Result<Caller<N>, Problem> {
        if self.reaches(ring) {
            Ok(self.caller)
        } else {
            Err(beyond(state, self.caller.actor, ring))
        }
    }
}

impl<N> Caller<N> {
    /// Whether the caller has this permission beside the one that was asked for.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Which rings its access token reaches.
    pub(crate) fn reach(&self) -> Remote {
        self.reach
    }

    /// Asks again whether it may: for a request that waits or an answer that goes on.
    ///
    /// # Errors
    /// `credentials_refused`, `permission_missing`.
    pub(crate) async fn check_again(&self, state: &State, ring: &RingName) -> Result<(), Problem>
    where
        N: Needs,
    {
        let found = state.access.find(state, self.hash).await?;
        match found.filter(|access| access.is_live(state.clock.now())) {
            None => Err(unknown(state, self.actor.from.clone())),
            Some(access) if !access.permissions.contains(&N::PERMISSION) => {
                Err(lacking(state, self.actor.clone(), N::PERMISSION))
            }
            Some(access) if !access.reaches(ring) => Err(beyond(state, self.actor.clone(), ring)),
            Some(_) => Ok(()),
        }
    }

    /// Refuses to pass on a permission that the caller has not.
    ///
    /// # Errors
    /// `permission_missing`.
    pub(crate) fn check_grants(
        &self,
        state: &State,
        permission: Permission,
    ) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        Err(lacking(state, self.actor.clone(), permission))
    }
}

/// The refusal of somebody known, noted for the audit log.
fn refusal(state: &State, actor: Actor, why: String) -> Problem {
    state.access.refuse(state, actor, "permission_missing");
    Problem::new(StatusCode::FORBIDDEN, codes::PERMISSION_MISSING, why)
}

fn unknown(state: &State, from: Option<String>) -> Problem {
    let stranger = Actor { subject: UNKNOWN.into(), from };
    state.access.refuse(state, stranger, "credentials_refused");
    let why = "the access token is unknown or has ended";
    Problem::new(StatusCode::UNAUTHORIZED, codes::CREDENTIALS_REFUSED, why)
}

fn lacking(state: &State, actor: Actor, permission: Permission) -> Problem {
    let why = format!("the access token lacks the permission `{}`", permission.as_str());
    refusal(state, actor, why)
}

fn beyond(state: &State, actor: Actor, ring: &RingName) -> Problem {
    refusal(state, actor, format!("the access token does not reach the ring `{ring}`"))
}

/// The address that a connection comes from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl<N: Needs> FromRequestParts<State> for Caller<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let CallerOfSome { caller, access } =
            CallerOfSome::from_request_parts(parts, state).await?;
        if access.reaches_all() {
            return Ok(caller);
        }
        match ring_of_path(parts, state).await? {
            Some(ring) if access.reaches(&ring) => Ok(caller),
            Some(ring) => Err(beyond(state, caller.actor, &ring)),
            None => {
                let why = "the access token reaches some rings only, and this is for all of them";
                Err(refusal(state, caller.actor, why.to_owned()))
            }
        }
    }
}

/// The ring that a path names, if it names one.
async fn ring_of_path(parts: &mut Parts, state: &State) -> Result<Option<RingName>, Problem> {
    let Ok(named) = RawPathParams::from_request_parts(parts, state).await else {
        return Err(Problem::bad_request("the path is not UTF-8"));
    };
    match named.iter().find(|(name, _)| *name == "ring") {
        Some((_, ring)) => Ok(Some(ring.parse()?)),
        None => Ok(None),
    }
}

impl<N: Needs> FromRequestParts<State> for CallerOfSome<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let from = parts.extensions.get::<Peer>().map(|Peer(address)| address.ip().to_string());
        let token = bearer(parts).ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                codes::CREDENTIALS_MISSING,
                "the request has no `Authorization: Bearer …`",
            )
        })?;
        let hash = hash_access_token(token.as_bytes());
        let access = state.access.find(state, hash).await?;
        let Some(access) = access.filter(|access| access.is_live(state.clock.now())) else {
            return Err(unknown(state, from));
        };
        let actor = Actor { subject: access.subject.clone(), from };
        if !access.permissions.contains(&N::PERMISSION) {
            return Err(lacking(state, actor, N::PERMISSION));
        }
        let caller = Caller {
            actor,
            hash,
            permissions: access.permissions.clone(),
            reach: if access.reaches_all() { Remote::ForAllRings } else { Remote::ForSomeRings },
            needs: PhantomData,
        };
        Ok(Self { caller, access })
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Credentials that were found lately.
#[derive(Default)]
pub(crate) struct AccessCache {
    found: papaya::HashMap<AccessTokenHash, (AccessToken, Duration)>,
    /// Refusals that wait to be recorded; nobody is kept waiting for that.
    refusals: Mutex<Refusals>,
}

#[derive(Default)]
struct Refusals {
    waiting: Vec<Event>,
    /// Strangers' refusals that were left out since the last one that was kept.
    left_out: u64,
}

/// Whoever has no known credential.
const UNKNOWN: &str = "unknown";
/// A flood of bad credentials must not become a flood of audit records: of each tick this many
/// strangers are recorded one by one, and the others as a number.
const STRANGERS_A_TICK: usize = 3;
/// Refusals of known subjects are kept beside those, up to this many.
const MOST_WAITING: usize = 200;

impl AccessCache {
    async fn find(
        &self,
        state: &State,
        hash: AccessTokenHash,
    ) -> Result<Option<AccessToken>, Problem> {
        let now = state.clock.monotonic();
        if let Some((token, found_at)) = self.found.pin().get(&hash)
            && now.saturating_sub(*found_at) < BELIEVED_FOR
        {
            return Ok(Some(token.clone()));
        }
        let found = state.blocking(move |keeper| keeper.store().find_access(&hash)).await?;
        let cache = self.found.pin();
        if cache.len() >= MOST_REMEMBERED {
            cache.clear();
        }
        match &found {
            Some(token) => {
                cache.insert(hash, (token.clone(), now));
            }
            None => {
                cache.remove(&hash);
            }
        }
        Ok(found)
    }

    /// Believes nobody any more without asking the store.
    pub(crate) fn forget(&self) {
        self.found.pin().clear();
    }

    /// Notes a refused attempt. That it cannot be recorded is no reason to let anybody in.
    fn refuse(&self, state: &State, actor: Actor, code: &'static str) {
        state.metrics.refused_credentials.inc();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let is_stranger = |event: &Event| event.actor.subject == UNKNOWN;
        let strangers = refusals.waiting.iter().filter(|event| is_stranger(event)).count();
        let event = Event::refused(actor, Action::AccessRefuse, code);
        let full = refusals.waiting.len() >= MOST_WAITING;
        if full || (is_stranger(&event) && strangers >= STRANGERS_A_TICK) {
            refusals.left_out += 1;
            state.metrics.unrecorded_refusals.inc();
        } else {
            refusals.waiting.push(event);
        }
    }

    /// Writes down what was refused since the last call.
    pub(crate) fn record_refusals(&self, state: &State) {
        let Refusals { waiting, left_out } = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *refusals)
        };
        let last = waiting.len().saturating_sub(1);
        for (n, event) in waiting.into_iter().enumerate() {
            let more = n == last && left_out > 0;
            let event = if more { event.detail("and_more", left_out) } else { event };
            if let Err(error) = state.keeper.store().record(&event) {
                tracing::warn!(code = error.code(), "a refusal could not be recorded: {error}");
            }
        }
    }
}
