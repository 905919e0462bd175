//! Tokens verified with a ring that changes under them: prepared for each snapshot, remembered as long as it is in use.

use core::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use keytide_jose::jwt::{self, Claims, NumericDate, Policy, VerifiedCache};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::snapshot::Snapshot;
use crate::{Error, Ring};

/// Verifies tokens with a ring and one policy.
///
/// A token that was seen before is answered from memory, with its times checked, until the ring has
/// other keys: then all are forgotten, so that nothing outlives the key that it was signed with.
///
/// ```
/// use keytide_client::{EnvNames, Ring, Verifier};
/// use keytide_jose::jwt::Policy;
/// use serde_json::json;
///
/// let env = |name: &str| (name == "JWT_SECRET").then(|| "a-secret-that-is-32-bytes-or-more".to_owned());
/// let ring = Ring::from_env(&env, &EnvNames::default())?;
/// let policy = Policy::builder().issuer("https://id.example").audience("api").typ("JWT").build();
/// let verifier: Verifier = Verifier::new(ring.clone(), policy);
///
/// let claims = json!({"iss": "https://id.example", "aud": "api", "sub": "alice", "exp": 4_000_000_000u32});
/// let token = ring.signer()?.sign(&claims)?;
/// assert_eq!(verifier.verify(&token)?["sub"], "alice");
/// # Ok::<(), keytide_client::Error>(())
/// ```
pub struct Verifier<T = Value> {
    ring: Ring,
    policy: Policy,
    cache: VerifiedCache<T>,
    /// The snapshot that the cache is prepared for; 0 before the first.
    prepared: AtomicU64,
    preparing: Mutex<()>,
}

impl<T: DeserializeOwned> Verifier<T> {
    /// How many bytes of tokens are remembered unless something else is said.
    pub const CACHE_BYTES: usize = 8 << 20;

    /// A verifier that remembers [`Verifier::CACHE_BYTES`] of tokens.
    #[must_use]
    pub fn new(ring: Ring, policy: Policy) -> Self {
        Self::with_cache(ring, policy, Self::CACHE_BYTES)
    }

    /// A verifier that remembers so many bytes of tokens; none with 0.
    #[must_use]
    pub fn with_cache(ring: Ring, policy: Policy, max_bytes: usize) -> Self {
        let none = jwt::Verifier::new(keytide_jose::key::KeySet::default(), policy.clone());
        let cache = VerifiedCache::new(none, max_bytes);
        Self { ring, policy, cache, prepared: AtomicU64::new(0), preparing: Mutex::new(()) }
    }

    /// Verifies a compact token now.
    ///
    /// # Errors
    /// As [`Ring::snapshot`], when there are no keys; as [`jwt::Verifier::verify`].
    pub fn verify(&self, token: &str) -> Result<Arc<Claims<T>>, Error> {
        let millis = i64::try_from(self.ring.wall().as_millis()).unwrap_or(i64::MAX);
        self.verify_at(token, NumericDate::from_millis(millis))
    }

    /// Verifies a compact token at the time `now`.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_at(&self, token: &str, now: NumericDate) -> Result<Arc<Claims<T>>, Error> {
        let snapshot = self.ring.snapshot()?;
        self.prepare(&snapshot);
        match self.cache.verify(token, now) {
            Err(keytide_jose::Error::UnknownKid { kid }) => {
                self.ring.seek(&kid, snapshot.identity());
                let newer = self.ring.snapshot()?;
                if newer.identity() == snapshot.identity() {
                    return Err(keytide_jose::Error::UnknownKid { kid }.into());
                }
                self.prepare(&newer);
                Ok(self.cache.verify(token, now)?)
            }
            verified => Ok(verified?),
        }
    }

    /// The ring.
    #[must_use]
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn prepare(&self, snapshot: &Snapshot) {
        if self.prepared.load(Ordering::Acquire) >= snapshot.identity() {
            return;
        }
        let _one_at_a_time = self.preparing.lock().unwrap_or_else(PoisonError::into_inner);
        // Identities only grow: another thread may have come with a newer snapshot.
        if self.prepared.load(Ordering::Acquire) < snapshot.identity() {
            let verifier = jwt::Verifier::new(snapshot.keys().clone(), self.policy.clone());
            self.cache.replace(verifier);
            self.prepared.store(snapshot.identity(), Ordering::Release);
        }
    }
}

impl<T> fmt::Debug for Verifier<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("ring", &self.ring)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}
