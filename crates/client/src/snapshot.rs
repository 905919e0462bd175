//! A ring's keys as they were at one moment, and which of them a token may try.

use core::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keytide_jose::key::{KeySet, SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, KeyId, Untrusted};

use crate::Error;

/// A ring's keys as they were at one moment. It never changes; a newer set is a new snapshot.
pub struct Snapshot {
    pub(crate) identity: u64,
    pub(crate) epoch: Option<u64>,
    pub(crate) keys: KeySet,
    pub(crate) signing: Option<Arc<SigningKey>>,
    pub(crate) active: Option<(Option<KeyId>, Algorithm)>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A key of a set that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its place in the set, from 0.
    pub index: usize,
    /// Its `kid`, where it has one.
    pub kid: Option<String>,
    /// Why, with a code and a message.
    pub why: keytide_jose::Error,
}

impl Snapshot {
    /// A snapshot with an identity of its own. ES256 keys are prepared for many verifications, as long
    /// as there are few.
    pub(crate) fn new(keys: Vec<VerifyingKey>, allowed: &[Algorithm]) -> Self {
        /// A table takes 264 KiB and a few milliseconds; a ring has two to four keys.
        const WITH_TABLE: usize = 4;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let few = keys.iter().filter(|key| key.algorithm() == Algorithm::ES256).count();
        let prepare = |key: VerifyingKey| if few <= WITH_TABLE { key.with_table() } else { key };
        Self {
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
            epoch: None,
            keys: KeySet::new(keys.into_iter().map(prepare)).allowing(allowed),
            signing: None,
            active: None,
            skipped: Vec::new(),
        }
    }

    /// A number that no other snapshot of this process has: what was derived from another snapshot
    /// must not be used with this one.
    #[must_use]
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// The ring's epoch, where a Keytide server told it.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        self.epoch
    }

    /// The keys that verify.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The key that signs here; `None` where the ring cannot sign, or its server signs.
    #[must_use]
    pub fn signing_key(&self) -> Option<&Arc<SigningKey>> {
        self.signing.as_ref()
    }

    /// The algorithm of the key that signs, here or at the server.
    #[must_use]
    pub fn signing_algorithm(&self) -> Option<Algorithm> {
        self.active.as_ref().map(|(_, alg)| *alg)
    }

    /// The `kid` of the key that signs, here or at the server.
    #[must_use]
    pub fn signing_key_id(&self) -> Option<&KeyId> {
        self.active.as_ref()?.0.as_ref()
    }

    /// The keys that were passed over, with the reasons.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The keys that a token with this `kid` and algorithm may try, as [`KeySet::find`].
    ///
    /// # Errors
    /// As [`KeySet::find`].
    pub fn find(
        self: &Arc<Self>,
        kid: Option<&str>,
        alg: Algorithm,
    ) -> keytide_jose::Result<VerifyingKeys> {
        let hint = kid.map(Untrusted::new);
        let keys = self.keys.find(hint.as_ref(), alg)?.cloned().collect();
        Ok(VerifyingKeys { keys, snapshot: Arc::clone(self) })
    }
}

impl fmt::Debug for Snapshot {
    /// Shows what is in it, no key material.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("identity", &self.identity)
            .field("epoch", &self.epoch)
            .field("keys", &self.keys.keys())
            .field("signing", &self.signing)
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

/// The keys that a token may try, in the set's order: one in nearly every case.
#[derive(Clone, Debug)]
pub struct VerifyingKeys {
    keys: Vec<VerifyingKey>,
    snapshot: Arc<Snapshot>,
}

impl VerifyingKeys {
    /// The keys; never none.
    #[must_use]
    pub fn as_slice(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The snapshot that they are of.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Checks a signature over the bytes as they are, with each key in turn.
    ///
    /// # Errors
    /// `bad_signature` when it holds under none.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<&VerifyingKey, Error> {
        let holds = |key: &&VerifyingKey| key.verify(message, signature).is_ok();
        Ok(self.keys.iter().find(holds).ok_or(keytide_jose::Error::BadSignature)?)
    }
}

impl<'a> IntoIterator for &'a VerifyingKeys {
    type Item = &'a VerifyingKey;
    type IntoIter = std::slice::Iter<'a, VerifyingKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.iter()
    }
}
