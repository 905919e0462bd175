//! The store port: what the rules ask of whatever keeps rings. Blocking, and touched only when a ring changes.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mutant::{Mutant, broken};
use crate::{
    AccessToken, AccessTokenHash, Actor, AuditRecord, AuditReport, Behind, Changes, CheckIn, Epoch,
    Error, Event, Evidence, KeptTarget, Ring, RingName, SignedHead, Standing, StoreError,
    TargetName, Webhook, plan,
};

/// The store's own version number, raised by every commit to any ring.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// A ring as it was read, with the secrets of the keys in its set.
pub struct Stored {
    /// The ring.
    pub ring: Ring,
    /// The keys that verify, secrets included, in no particular order.
    pub keys: Vec<SigningKey>,
    /// What is known of the instances that work with them.
    pub evidence: Evidence,
    /// Whether the active one may sign, now and later.
    pub gate: SigningGate,
}

/// Whether the keys of a store may sign. Open until the store shuts it, for good: whoever read a
/// ring before that has to read it again.
#[derive(Clone, Debug, Default)]
pub struct SigningGate(Arc<OnceLock<Behind>>);

impl SigningGate {
    /// Lets nobody sign any more who has this gate.
    pub fn shut(&self, why: Behind) {
        let _first_reason_stays = self.0.set(why);
    }

    /// # Errors
    /// `store_behind` when it was shut.
    pub fn check(&self) -> Result<(), Error> {
        match self.0.get() {
            None => Ok(()),
            Some(why) => Err(StoreError::Behind(why.clone()).into()),
        }
    }
}

/// A ring in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingSummary {
    /// Its name.
    pub name: RingName,
    /// Its version.
    pub epoch: Epoch,
    /// The algorithm of new keys.
    pub algorithm: Algorithm,
    /// The key that signs.
    pub active: KeyId,
    /// When time will change it next.
    pub next_due: Timestamp,
}

impl RingSummary {
    /// The ring in a list.
    pub fn of(ring: &Ring) -> Self {
        Self {
            name: ring.name().clone(),
            epoch: ring.epoch(),
            algorithm: ring.policy().algorithm(),
            active: ring.active().kid.clone(),
            next_due: plan::next_due(ring, &Evidence::default(), ring.created_at()),
        }
    }
}

/// Decides inside the transaction, with the store's clock and what it knows of instances. `None`
/// changes nothing.
pub type Decide<'a> = dyn FnMut(Timestamp, &Evidence) -> Result<Option<Changes>, Error> + 'a;

/// A commit that is about to be decided.
pub struct Commit<'a> {
    /// Which ring.
    pub ring: &'a RingName,
    /// The epoch that the decision is based on: compared and swapped.
    pub expected: Epoch,
    /// The key to keep if the decision puts it to use.
    pub fresh: Option<&'a SigningKey>,
}

impl Commit<'_> {
    /// Compares the epoch that was found with the one that the decision is based on.
    ///
    /// # Errors
    /// `conflict`: somebody else was faster.
    pub fn check_epoch(&self, found: Epoch) -> Result<(), Error> {
        if found == self.expected || broken(Mutant::NoCompareAndSwap) {
            return Ok(());
        }
        Err(Error::Conflict { ring: self.ring.clone(), expected: self.expected, found })
    }
}

/// Keeps rings, their secrets and the audit log.
///
/// What every implementation promises, and one suite of tests states for all of them:
///
/// * a commit is one transaction: ring, secrets and audit events together, or nothing;
/// * it happens only if the ring is still at the expected epoch, and otherwise fails with `conflict`;
/// * the decision sees the store's own clock inside that transaction, and every instance that
///   checked in before it;
/// * a ring never has two active or two published keys, a kid never stands twice, and a secret
///   serves one ring only;
/// * an epoch never comes back, not even when a ring is destroyed and made again;
/// * what was acknowledged is still there after a crash.
pub trait RingStore: Send + Sync {
    /// The store's clock.
    fn now(&self) -> Result<Timestamp, Error>;

    /// Makes a ring. `decide` gets the epoch to start from and the store's time.
    ///
    /// # Errors
    /// `ring_exists`, `secret_in_use`, or a failure of the store.
    fn create(
        &self,
        name: &RingName,
        keys: &[SigningKey; 2],
        decide: &mut dyn FnMut(Epoch, Timestamp) -> Changes,
    ) -> Result<Changes, Error>;

    /// Reads a ring and the secrets in its set.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    fn load(&self, name: &RingName) -> Result<Stored, Error>;

    /// Changes a ring if it is still at the expected epoch.
    ///
    /// # Errors
    /// `conflict`, `ring_not_found`, `secret_in_use`, the decision's own refusal, or a failure of
    /// the store. In each case nothing was changed.
    fn commit(&self, commit: Commit<'_>, decide: &mut Decide<'_>)
    -> Result<Option<Changes>, Error>;

    /// Takes in what an instance says of itself ([`Evidence::check_in`]), and gives the ring as it
    /// stands in the same transaction: what is delivered is never older than what is recorded. The
    /// ring's epoch and revision stay as they are. The log keeps the first delivery to each instance.
    ///
    /// # Errors
    /// `ring_not_found`, `bad_check_in`, or a failure of the store.
    fn check_in(&self, name: &RingName, said: &CheckIn, actor: &Actor) -> Result<Stored, Error>;

    /// Has the ring looked at again at `at`, if it is still at the expected epoch; else nothing is
    /// done. Its epoch stays as it is.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    fn look_again(&self, name: &RingName, expected: Epoch, at: Timestamp) -> Result<(), Error>;

    /// Destroys a ring and the secrets of all of its keys. Its name may be used again.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    fn destroy(&self, name: &RingName, actor: &Actor, reason: Option<&str>) -> Result<(), Error>;

    /// Rings in the order of their names, after `after`, at most `limit`.
    fn list(&self, after: Option<&RingName>, limit: usize) -> Result<Vec<RingSummary>, Error>;

    /// Rings that time will change at or before `now`, the longest overdue first, at most `limit`.
    fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<RingName>, Error>;

    /// The newest revision, and the rings that changed after `since`.
    fn changed_since(&self, since: Revision) -> Result<(Revision, Vec<RingName>), Error>;

    /// Records something that changed no ring, such as a refused attempt.
    fn record(&self, event: &Event) -> Result<(), Error>;

    /// Audit records with a place after `after`, oldest first, at most `limit`.
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, Error>;

    /// How many audit records there are: the place of the newest one.
    fn audit_len(&self) -> Result<u64, Error>;

    /// Signs the end of the audit log, if it grew since that was done last and the store has a key
    /// for it.
    fn sign_audit_head(&self) -> Result<Option<SignedHead>, Error> {
        Ok(None)
    }

    /// Walks along the whole audit chain.
    fn verify_audit(&self) -> Result<AuditReport, Error>;

    /// Keeps a credential.
    fn put_access(&self, token: &AccessToken, actor: &Actor) -> Result<(), Error>;

    /// Withdraws every credential of a subject, and says how many there were. They are not found
    /// from then on; where there was none, nothing is recorded.
    fn end_access(&self, subject: &str, actor: &Actor) -> Result<usize, Error>;

    /// Finds a credential.
    fn find_access(&self, hash: &AccessTokenHash) -> Result<Option<AccessToken>, Error>;

    /// Every credential, by subject and age, those that have expired included.
    fn list_access(&self) -> Result<Vec<AccessToken>, Error>;

    /// Keeps a webhook, and records that it was declared. It goes when its ring is destroyed.
    ///
    /// # Errors
    /// `ring_not_found`, `bad_webhook` beyond 16 of one ring, or a failure of the store.
    fn put_webhook(&self, webhook: &Webhook, actor: &Actor) -> Result<(), Error>;

    /// Every webhook, by ring and name.
    fn webhooks(&self) -> Result<Vec<Webhook>, Error>;

    /// Writes down how far a webhook is told, if that is still at version `seen`; says whether it was.
    fn settle_webhook(&self, id: &str, seen: u64, standing: &Standing) -> Result<bool, Error>;

    /// Keeps a target, over the one of the same name, and records that. It goes when its ring is destroyed.
    ///
    /// # Errors
    /// `ring_not_found`, `too_many_targets` beyond 16 of one ring, or a failure of the store.
    fn put_target(&self, target: &KeptTarget, actor: &Actor) -> Result<(), Error>;

    /// Every target, by ring and name.
    fn targets(&self) -> Result<Vec<KeptTarget>, Error>;

    /// A ring's targets, by name; none of a ring that is not there.
    fn targets_of(&self, ring: &RingName) -> Result<Vec<KeptTarget>, Error>;

    /// One target of a ring.
    ///
    /// # Errors
    /// `target_not_found`, or a failure of the store.
    fn target(&self, ring: &RingName, name: &TargetName) -> Result<KeptTarget, Error>;

    /// Writes down what is remembered of a target, if that is still at version `seen`; the version
    /// rises by one. Says whether it was.
    fn settle_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        seen: u64,
        standing: &Value,
    ) -> Result<bool, Error>;

    /// Takes a target away, and records that.
    ///
    /// # Errors
    /// `target_not_found`, or a failure of the store.
    fn remove_target(&self, ring: &RingName, name: &TargetName, actor: &Actor)
    -> Result<(), Error>;

    /// Takes a webhook away, and records that.
    ///
    /// # Errors
    /// `webhook_not_found`, or a failure of the store.
    fn remove_webhook(&self, ring: &RingName, id: &str, actor: &Actor) -> Result<(), Error>;
}
