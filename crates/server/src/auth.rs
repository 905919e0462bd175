//! Who is calling, and whether they may: a permission in a handler's signature cannot be forgotten.

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use keytide_jose::{KeyId, Rng, Secret};
use keytide_ring::{AccessToken, AccessTokenHash, Action, Actor, Event, Permission};

use crate::codes;
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
    ToRotate => Rotate,
    ToRevoke => Revoke,
    ToAdmin => Admin,
    ToAudit => Audit,
}

/// Proof that the caller has the permission `N`.
pub(crate) struct Caller<N> {
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
    needs: PhantomData<N>,
}

/// The address that a connection comes from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl<N: Needs> FromRequestParts<State> for Caller<N> {
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
            refuse(state, Actor { subject: "unknown".into(), from }, "credentials_refused").await;
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                codes::CREDENTIALS_REFUSED,
                "the access token is unknown or has ended",
            ));
        };
        let actor = Actor { subject: access.subject.clone(), from };
        if access.permissions.contains(&N::PERMISSION) {
            return Ok(Self { actor, needs: PhantomData });
        }
        refuse(state, actor, "permission_missing").await;
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            codes::PERMISSION_MISSING,
            format!("the access token lacks the permission `{}`", N::PERMISSION.as_str()),
        ))
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A refused attempt is recorded; that it could not be is no reason to let anybody in.
async fn refuse(state: &State, actor: Actor, code: &'static str) {
    state.metrics.refused_credentials.inc();
    if !state.access.may_record_refusal(state) {
        return;
    }
    let event = Event::refused(actor, Action::AccessRefuse, code);
    let recorded = state.blocking(move |keeper| keeper.store().record(&event)).await;
    if let Err(error) = recorded {
        tracing::warn!(code = error.code(), "a refused credential could not be recorded: {error}");
    }
}

/// Credentials that were found lately.
#[derive(Default)]
pub(crate) struct AccessCache {
    found: papaya::HashMap<AccessTokenHash, (AccessToken, Duration)>,
    /// The second in which refusals were last recorded, and how many were.
    refusals: std::sync::Mutex<(u64, u32)>,
}

/// A flood of bad credentials must not become a flood of audit records.
const REFUSALS_RECORDED_A_SECOND: u32 = 5;

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

    fn may_record_refusal(&self, state: &State) -> bool {
        let second = state.clock.monotonic().as_secs();
        let mut counted = self.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if counted.0 != second {
            *counted = (second, 0);
        }
        counted.1 += 1;
        counted.1 <= REFUSALS_RECORDED_A_SECOND
    }
}
