//! What signs for a ring: a key that is here, or the ring's server.

use std::sync::Arc;

use keytide_jose::jwt::{self, HeaderParams};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId};
use serde::Serialize;
use serde_json::Value;

use crate::snapshot::Snapshot;
use crate::{Error, Ring};

/// What signs for a ring at this moment.
#[derive(Clone, Debug)]
pub enum Signer {
    /// A key that is here.
    Local(Arc<SigningKey>),
    /// The ring's server.
    Remote(RemoteSigner),
}

impl Signer {
    /// Signs claims with the header parameters that are usual.
    ///
    /// # Errors
    /// As [`Signer::sign_with`].
    pub fn sign<C: Serialize + ?Sized>(&self, claims: &C) -> Result<String, Error> {
        self.sign_with(&HeaderParams::default(), claims)
    }

    /// Signs claims, which are a map or anything that is written as a JSON object. Where the server
    /// signs, it writes `typ`, `iat`, and whatever the ring binds; see [`RemoteSigner`].
    ///
    /// # Errors
    /// As [`jwt::issue`]; where the server signs, `fetch_failed`, `fetch_timed_out`, `bad_answer`, or
    /// the server's own refusal, such as `ttl_too_long`.
    pub fn sign_with<C: Serialize + ?Sized>(
        &self,
        header: &HeaderParams,
        claims: &C,
    ) -> Result<String, Error> {
        match self {
            Self::Local(key) => Ok(jwt::issue(key, header, claims)?),
            Self::Remote(remote) => remote.sign_with(header, claims),
        }
    }

    /// The algorithm that it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Local(key) => key.algorithm(),
            Self::Remote(remote) => remote.algorithm,
        }
    }

    /// The `kid` of the key that signs.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        match self {
            Self::Local(key) => key.key_id(),
            Self::Remote(remote) => remote.snapshot.signing_key_id(),
        }
    }
}

/// A ring's server, which signs with a key that never leaves it.
///
/// It chooses the key, and writes `iat`, `typ` and what the ring binds itself. An `iat` among the claims
/// is left out if it says the present minute, which is what libraries write unasked; `exp` may be at
/// most the ring's `token_ttl` away.
#[derive(Clone, Debug)]
pub struct RemoteSigner {
    ring: Ring,
    snapshot: Arc<Snapshot>,
    algorithm: Algorithm,
}

impl RemoteSigner {
    pub(crate) fn new(ring: Ring, snapshot: Arc<Snapshot>, algorithm: Algorithm) -> Self {
        Self { ring, snapshot, algorithm }
    }

    /// Has the server sign.
    ///
    /// # Errors
    /// As [`Signer::sign_with`].
    pub fn sign_with<C: Serialize + ?Sized>(
        &self,
        header: &HeaderParams,
        claims: &C,
    ) -> Result<String, Error> {
        let shapeless = |why: &str| keytide_jose::Error::MalformedPayload(why.into());
        let mut claims = serde_json::to_value(claims)
            .map_err(|_| shapeless("the claims cannot be written as JSON"))?;
        let Some(members) = claims.as_object_mut() else {
            return Err(shapeless("the claims are no JSON object").into());
        };
        let now = i64::try_from(self.ring.wall().as_secs()).unwrap_or(i64::MAX);
        let says_now =
            |iat: &Value| iat.as_f64().is_some_and(|iat| (iat - now as f64).abs() <= 60.0);
        if members.get("iat").is_some_and(says_now) {
            members.remove("iat");
        }
        self.ring.source()?.sign(header, &claims)
    }
}
