//! A ring as JavaScript holds it. Nothing here waits for the network: what has to is a task for another
//! thread.

use std::collections::HashMap;

use keytide_client::{Ring, Signer};
use keytide_jose::{Algorithm, Limits, Secret};
use napi::bindgen_prelude::{AsyncTask, ClassInstance, Either, Either3};
use napi_derive::napi;

use crate::background::{Fetch, RemoteSign};
use crate::refusal::Refusal;
use crate::ring_options::{EnvOptions, RingOptions, RingStatus};
use crate::signing::SigningHandle;
use crate::token::Parts;
use crate::verifying::VerifyingHandle;

/// Keys that belong together and change together.
#[napi]
pub struct RingHandle {
    ring: Ring,
}

/// A ring from environment variables, given by name and value.
#[napi]
pub fn ring_from_env(
    values: HashMap<String, String>,
    names: EnvOptions,
) -> Either<RingHandle, Refusal> {
    let get = |name: &str| values.get(name).cloned();
    made(names.names().and_then(|names| Ring::from_env(&get, &names)))
}

/// A ring from the public key set at a URL.
#[napi]
pub fn ring_from_jwks(url: String, options: RingOptions) -> Either<RingHandle, Refusal> {
    made(options.options().and_then(|options| Ring::from_jwks(&url, options)))
}

/// A ring on a Keytide server.
#[napi]
pub fn ring_connect(
    url: String,
    token: &[u8],
    options: RingOptions,
) -> Either<RingHandle, Refusal> {
    let token = Secret::new(token.to_vec());
    made(options.connect_options().and_then(|options| Ring::connect(&url, token, options)))
}

/// A ring of keys that are there already and stay; `signing` signs.
#[napi]
pub fn ring_from_keys(
    verifying: Vec<ClassInstance<'_, VerifyingHandle>>,
    signing: Option<ClassInstance<'_, SigningHandle>>,
) -> Either<RingHandle, Refusal> {
    let keys = verifying.iter().map(|handle| handle.key().clone());
    let signing = match signing.map(|handle| handle.copy()).transpose() {
        Ok(signing) => signing,
        Err(error) => return Either::B(error.into()),
    };
    Either::A(RingHandle { ring: Ring::from_keys(keys, signing) })
}

fn made(ring: Result<Ring, keytide_client::Error>) -> Either<RingHandle, Refusal> {
    match ring {
        Ok(ring) => Either::A(RingHandle { ring }),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl RingHandle {
    /// As [`VerifyingHandle::open`], with the keys that `kid` and `alg` point to; or why there are none.
    #[napi]
    pub fn open(
        &self,
        token: String,
        kid: Option<String>,
        alg: String,
    ) -> Either3<String, bool, Refusal> {
        let Ok(alg) = alg.parse::<Algorithm>() else {
            return Either3::C(keytide_jose::Error::AlgNotAllowed { alg }.into());
        };
        let keys = match self.ring.find_cached(kid.as_deref(), alg) {
            Some(Ok(keys)) => keys,
            Some(Err(error)) => return Either3::C(error.into()),
            None => return Either3::C(Refusal::fetch_needed()),
        };
        let Some(parts) = Parts::split(&token) else { return Either3::B(false) };
        let input = parts.signing_input.as_bytes();
        if !keys.as_slice().iter().any(|key| key.verify_encoded(input, parts.signature).is_ok()) {
            return Either3::B(false);
        }
        parts.strict_json(&Limits::default()).map_or(Either3::B(true), Either3::A)
    }

    /// What signs now: a key that is here, or the name of the algorithm that the ring's server signs with.
    #[napi]
    pub fn signing(&self) -> Either3<SigningHandle, String, Refusal> {
        let snapshot = match self.ring.snapshot_cached() {
            Some(Ok(snapshot)) => snapshot,
            Some(Err(error)) => return Either3::C(error.into()),
            None => return Either3::C(Refusal::fetch_needed()),
        };
        match (snapshot.signing_key(), snapshot.signing_algorithm()) {
            (Some(key), _) => Either3::A(SigningHandle::shared(key.clone())),
            (None, Some(alg)) => Either3::B(alg.as_str().into()),
            (None, None) => match self.ring.signer() {
                Err(error) => Either3::C(error.into()),
                Ok(Signer::Local(key)) => Either3::A(SigningHandle::shared(key)),
                Ok(other) => Either3::B(other.algorithm().as_str().into()),
            },
        }
    }

    /// A number that changes whenever the keys do; 0 while there are none.
    #[napi]
    pub fn identity(&self) -> f64 {
        match self.ring.snapshot_cached() {
            Some(Ok(snapshot)) => snapshot.identity() as f64,
            _ => 0.0,
        }
    }

    /// The public keys, each as the JSON of a JWK.
    #[napi]
    pub fn public_jwks(&self) -> Either<Vec<String>, Refusal> {
        match self.ring.snapshot_cached() {
            Some(Ok(snapshot)) => Either::A(
                snapshot
                    .keys()
                    .keys()
                    .iter()
                    .filter_map(|key| serde_json::to_string(&key.public_jwk()?).ok())
                    .collect(),
            ),
            Some(Err(error)) => Either::B(error.into()),
            None => Either::B(Refusal::fetch_needed()),
        }
    }

    /// The key that a token with this `kid` and algorithm is verified with, where there is exactly one.
    #[napi]
    pub fn find(&self, kid: Option<String>, alg: String) -> Either<VerifyingHandle, Refusal> {
        let Ok(alg) = alg.parse::<Algorithm>() else {
            return Either::B(keytide_jose::Error::AlgNotAllowed { alg }.into());
        };
        match self.ring.find_cached(kid.as_deref(), alg) {
            Some(Ok(keys)) => match keys.as_slice() {
                [only] => Either::A(VerifyingHandle::of(only.clone())),
                _ => Either::B(Refusal {
                    code: "ambiguous_kid".into(),
                    message: "several keys may have signed the token".into(),
                    hint: "Verify with the ring itself, or have the issuer write a kid.".into(),
                }),
            },
            Some(Err(error)) => Either::B(error.into()),
            None => Either::B(Refusal::fetch_needed()),
        }
    }

    /// Fetches the keys if there are none yet.
    #[napi]
    pub fn ready(&self) -> AsyncTask<Fetch> {
        AsyncTask::new(Fetch::first(self.ring.clone()))
    }

    /// Fetches the keys, whatever is there.
    #[napi]
    pub fn refresh(&self) -> AsyncTask<Fetch> {
        AsyncTask::new(Fetch::forced(self.ring.clone()))
    }

    /// Fetches the keys for what a header names, if they are needed and may be fetched again.
    #[napi]
    pub fn fetch_for(&self, kid: Option<String>, alg: String) -> AsyncTask<Fetch> {
        AsyncTask::new(Fetch::named(self.ring.clone(), kid, alg))
    }

    /// As [`RingHandle::fetch_for`], for a whole token.
    #[napi]
    pub fn fetch_for_token(&self, token: String) -> AsyncTask<Fetch> {
        AsyncTask::new(Fetch::token(self.ring.clone(), token))
    }

    /// Has the ring sign the JSON of claims where its key is: mostly on its server.
    #[napi]
    pub fn sign(&self, typ: Option<String>, claims: String) -> AsyncTask<RemoteSign> {
        AsyncTask::new(RemoteSign::new(self.ring.clone(), typ, claims))
    }

    /// How the ring stands.
    #[napi]
    pub fn status(&self) -> RingStatus {
        RingStatus::of(self.ring.status())
    }

    pub(crate) fn ring(&self) -> &Ring {
        &self.ring
    }
}
