//! A store that fails as stores do: unreachable, busy, slow, overtaken, or without an answer to what it did.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_ring::webhook::{Standing, Webhook};
use keytide_ring::{
    AccessToken, AccessTokenHash, Actor, AuditRecord, AuditReport, Changes, CheckIn, Commit,
    Decide, Epoch, Error, Event, KeptTarget, Revision, RingName, RingStore, RingSummary,
    StoreError, Stored, TargetName,
};
use keytide_store::SqliteStore;
use serde_json::Value;

use crate::world::{Ms, Time};

/// What befalls the next commit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Another process holds the store for too long.
    Busy,
    /// It is made, and nobody hears of it.
    LostAnswer,
    /// The process dies just before it.
    CrashBefore,
    /// The process dies just after it.
    CrashAfter,
    /// It takes this long to begin.
    Slow(Ms),
}

/// One process's way to the store.
pub(crate) struct Faulty {
    inner: SqliteStore,
    time: Time,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    cut: bool,
    crashed: bool,
    next: Option<Fault>,
    rival: Option<Rival>,
}

/// Somebody who commits between another's reading and its commit.
pub(crate) type Rival = Box<dyn FnOnce() + Send>;

impl Faulty {
    pub(crate) fn new(inner: SqliteStore, time: Time) -> Arc<Self> {
        Arc::new(Self { inner, time, inside: Mutex::default() })
    }

    /// Cuts the process off, or lets it through again.
    pub(crate) fn cut(&self, cut: bool) {
        self.lock().cut = cut;
    }

    /// Whether the process died of what befell it.
    pub(crate) fn crashed(&self) -> bool {
        self.lock().crashed
    }

    /// What befalls the next commit.
    pub(crate) fn arm(&self, fault: Fault) {
        self.lock().next = Some(fault);
    }

    /// Who is faster at the next commit.
    pub(crate) fn race(&self, rival: Rival) {
        self.lock().rival = Some(rival);
    }

    /// Nothing befalls later commits.
    pub(crate) fn disarm(&self) {
        let mut inside = self.lock();
        (inside.next, inside.rival) = (None, None);
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    fn reach(&self) -> Result<&SqliteStore, Error> {
        let Inside { cut, crashed, .. } = *self.lock();
        if cut || crashed { Err(unreachable()) } else { Ok(&self.inner) }
    }

    fn through<T>(&self, write: impl FnOnce(&SqliteStore) -> Result<T, Error>) -> Result<T, Error> {
        let store = self.reach()?;
        let (fault, rival) = {
            let mut inside = self.lock();
            (inside.next.take(), inside.rival.take())
        };
        if let Some(rival) = rival {
            rival();
        }
        match fault {
            None => write(store),
            Some(Fault::Busy) => Err(StoreError::Busy("database is locked".to_owned()).into()),
            Some(Fault::Slow(by)) => {
                self.time.set(self.time.now() + by);
                write(store)
            }
            Some(Fault::LostAnswer) => {
                let _lost = write(store)?;
                Err(unreachable())
            }
            Some(Fault::CrashBefore) => {
                self.lock().crashed = true;
                Err(unreachable())
            }
            Some(Fault::CrashAfter) => {
                let _lost = write(store)?;
                self.lock().crashed = true;
                Err(unreachable())
            }
        }
    }
}

fn unreachable() -> Error {
    StoreError::Unavailable("no way to the store".to_owned()).into()
}

impl RingStore for Faulty {
    fn now(&self) -> Result<Timestamp, Error> {
        self.reach()?.now()
    }

    fn create(
        &self,
        name: &RingName,
        keys: &[SigningKey; 2],
        decide: &mut dyn FnMut(Epoch, Timestamp) -> Changes,
    ) -> Result<Changes, Error> {
        self.reach()?.create(name, keys, decide)
    }

    fn load(&self, name: &RingName) -> Result<Stored, Error> {
        self.reach()?.load(name)
    }

    fn commit(
        &self,
        commit: Commit<'_>,
        decide: &mut Decide<'_>,
    ) -> Result<Option<Changes>, Error> {
        self.through(|store| store.commit(commit, decide))
    }

    fn check_in(&self, name: &RingName, said: &CheckIn, actor: &Actor) -> Result<Stored, Error> {
        self.reach()?.check_in(name, said, actor)
    }

    fn look_again(&self, name: &RingName, expected: Epoch, at: Timestamp) -> Result<(), Error> {
        self.reach()?.look_again(name, expected, at)
    }

    fn destroy(&self, name: &RingName, actor: &Actor, reason: Option<&str>) -> Result<(), Error> {
        self.reach()?.destroy(name, actor, reason)
    }

    fn list(&self, after: Option<&RingName>, limit: usize) -> Result<Vec<RingSummary>, Error> {
        self.reach()?.list(after, limit)
    }

    fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<RingName>, Error> {
        self.reach()?.due(now, limit)
    }

    fn changed_since(&self, since: Revision) -> Result<(Revision, Vec<RingName>), Error> {
        self.reach()?.changed_since(since)
    }

    fn record(&self, event: &Event) -> Result<(), Error> {
        self.reach()?.record(event)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, Error> {
        self.reach()?.audit(after, limit)
    }

    fn audit_len(&self) -> Result<u64, Error> {
        self.reach()?.audit_len()
    }

    fn verify_audit(&self) -> Result<AuditReport, Error> {
        self.reach()?.verify_audit()
    }

    fn put_access(&self, token: &AccessToken, actor: &Actor) -> Result<(), Error> {
        self.reach()?.put_access(token, actor)
    }

    fn end_access(&self, subject: &str, actor: &Actor) -> Result<usize, Error> {
        self.reach()?.end_access(subject, actor)
    }

    fn find_access(&self, hash: &AccessTokenHash) -> Result<Option<AccessToken>, Error> {
        self.reach()?.find_access(hash)
    }

    fn list_access(&self) -> Result<Vec<AccessToken>, Error> {
        self.reach()?.list_access()
    }

    fn put_webhook(&self, webhook: &Webhook, actor: &Actor) -> Result<(), Error> {
        self.reach()?.put_webhook(webhook, actor)
    }

    fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        self.reach()?.webhooks()
    }

    fn settle_webhook(&self, id: &str, seen: u64, standing: &Standing) -> Result<bool, Error> {
        self.reach()?.settle_webhook(id, seen, standing)
    }

    fn put_target(&self, target: &KeptTarget, actor: &Actor) -> Result<(), Error> {
        self.reach()?.put_target(target, actor)
    }

    fn targets(&self) -> Result<Vec<KeptTarget>, Error> {
        self.reach()?.targets()
    }

    fn targets_of(&self, ring: &RingName) -> Result<Vec<KeptTarget>, Error> {
        self.reach()?.targets_of(ring)
    }

    fn target(&self, ring: &RingName, name: &TargetName) -> Result<KeptTarget, Error> {
        self.reach()?.target(ring, name)
    }

    fn settle_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        seen: u64,
        standing: &Value,
    ) -> Result<bool, Error> {
        self.reach()?.settle_target(ring, name, seen, standing)
    }

    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        actor: &Actor,
    ) -> Result<(), Error> {
        self.reach()?.remove_target(ring, name, actor)
    }

    fn remove_webhook(&self, ring: &RingName, id: &str, actor: &Actor) -> Result<(), Error> {
        self.reach()?.remove_webhook(ring, id, actor)
    }
}
