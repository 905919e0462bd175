//! Keys and a policy prepared for many tokens, over keys that stay or a ring whose keys change.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keytide_client::{Ring, Snapshot};
use keytide_jose::jwt::{self, NumericDate, Policy};
use keytide_jose::key::KeySet;
use keytide_jose::{Algorithm, Error, Limits, jws};
use napi::bindgen_prelude::{ClassInstance, Either};
use napi_derive::napi;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::policy::PolicyOptions;
use crate::refusal::Refusal;
use crate::ring::RingHandle;
use crate::token::Parts;
use crate::verifying::VerifyingHandle;

/// A verifier as JavaScript holds it.
#[napi]
pub struct PolicyVerifier {
    keys: Keys,
}

enum Keys {
    Fixed(jwt::Verifier),
    OfRing(OfRing),
}

struct OfRing {
    ring: Ring,
    policy: Policy,
    /// For the snapshot of this identity.
    prepared: Mutex<Option<(u64, Arc<jwt::Verifier>)>>,
}

/// A verifier over keys that stay.
#[napi]
pub fn verifier_of_keys(
    keys: Vec<ClassInstance<'_, VerifyingHandle>>,
    policy: PolicyOptions,
) -> Either<PolicyVerifier, Refusal> {
    let keys = KeySet::new(keys.iter().map(|handle| handle.key().clone().with_table()));
    made(policy.policy().map(|policy| Keys::Fixed(jwt::Verifier::new(keys, policy))))
}

/// A verifier over a ring.
#[napi]
pub fn verifier_of_ring(
    ring: &RingHandle,
    policy: PolicyOptions,
) -> Either<PolicyVerifier, Refusal> {
    made(policy.policy().map(|policy| {
        Keys::OfRing(OfRing { ring: ring.ring().clone(), policy, prepared: Mutex::new(None) })
    }))
}

fn made(keys: Result<Keys, Error>) -> Either<PolicyVerifier, Refusal> {
    match keys {
        Ok(keys) => Either::A(PolicyVerifier { keys }),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl PolicyVerifier {
    /// The payload's text of a token that holds and passes the policy at `now`, in milliseconds. It
    /// never waits for the network: where keys must be fetched first, `fetch_needed` says so.
    #[napi]
    pub fn verify(&self, token: String, now: f64) -> Either<String, Refusal> {
        match self.check(&token, now) {
            Ok(payload) => Either::A(payload),
            Err(refusal) => Either::B(refusal),
        }
    }

    fn check(&self, token: &str, now: f64) -> Result<String, Refusal> {
        let now = NumericDate::from_millis(now as i64);
        match &self.keys {
            Keys::Fixed(verifier) => verifier.verify::<Checked>(token, now).map(drop)?,
            Keys::OfRing(ring) => ring.check(token, now)?,
        }
        Parts::split(token)
            .and_then(|parts| parts.payload_text())
            .ok_or_else(|| Error::MalformedToken("the payload is not canonical base64url").into())
    }
}

impl OfRing {
    fn check(&self, token: &str, now: NumericDate) -> Result<(), Refusal> {
        let snapshot = self.ring.snapshot_cached().ok_or_else(Refusal::fetch_needed)??;
        match self.verifier(&snapshot).verify::<Checked>(token, now) {
            Err(Error::UnknownKid { kid }) => {
                let token = jws::Unverified::parse(token, &Limits::default())?;
                // Whether the set may be fetched once more for the sake of this `kid`.
                match self.ring.find_cached(Some(&kid), token.algorithm()) {
                    None => Err(Refusal::fetch_needed()),
                    Some(_) => Err(Error::UnknownKid { kid }.into()),
                }
            }
            checked => Ok(checked.map(drop)?),
        }
    }

    fn verifier(&self, snapshot: &Snapshot) -> Arc<jwt::Verifier> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        match &*prepared {
            Some((identity, verifier)) if *identity == snapshot.identity() => verifier.clone(),
            _ => {
                let verifier =
                    Arc::new(jwt::Verifier::new(snapshot.keys().clone(), self.policy.clone()));
                *prepared = Some((snapshot.identity(), verifier.clone()));
                verifier
            }
        }
    }
}

/// Claims of which nothing is built here: the host reads them from their text.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EachMember)
    }
}

struct EachMember;

impl<'de> Visitor<'de> for EachMember {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Checked, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Checked)
    }
}

/// The `kid` and algorithm that a token names, to fetch keys for it.
pub(crate) fn names_of(token: &str) -> Result<(Option<String>, Algorithm), Error> {
    let token = jws::Unverified::parse(token, &Limits::default())?;
    Ok((token.key_id().map(|kid| kid.for_lookup().to_owned()), token.algorithm()))
}
