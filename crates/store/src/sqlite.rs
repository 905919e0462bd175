//! The store on SQLite: every promise of [`RingStore`], kept by transactions and seals.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_ring::{
    AccessToken, AccessTokenHash, Action, Actor, AuditRecord, AuditReport, Behind, Changes,
    CheckIn, Clock, Commit, Decide, Epoch, Error, Event, KeptTarget, KnownOutside, Revision, Ring,
    RingName, RingStore, RingSummary, SignedHead, SigningGate, Standing, StoreError, Stored,
    TargetName, Webhook,
};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use crate::anchor::{Anchor, Entry, Mark};
use crate::connection::{self, Connections};
use crate::error::{Fault, tampered};
use crate::head::Head;
use crate::kek::Keys;
use crate::open::RngSource;
use crate::row::{self, KeptKey, RingRow, inconsistent, millis, number};
use crate::standing::{self, Outside};
use crate::transaction::Change;
use crate::{access, audit, instances, rings, targets, webhooks};

/// Rings in a directory: a SQLite database whose secrets are sealed and whose rows carry MACs.
///
/// Several processes may open the same directory; each sees what the others commit. Made by
/// [`SqliteStore::open`].
pub struct SqliteStore {
    pub(crate) connections: Connections,
    pub(crate) keys: Keys,
    pub(crate) anchor: Anchor,
    /// Where signed heads of the audit log are kept outside the database.
    pub(crate) checkpoints: PathBuf,
    clock: Arc<dyn Clock>,
    pub(crate) rng: RngSource,
    /// Held by every ring that was read since the store was last found to be behind.
    gate: Mutex<SigningGate>,
    /// The highest generation that was seen: the database never goes back behind it.
    seen: AtomicU64,
    /// The ring up to which the last patrol came; see [`SqliteStore::patrol`].
    patrolled: Mutex<String>,
}

impl SqliteStore {
    pub(crate) fn new(
        connections: Connections,
        keys: Keys,
        anchor: Anchor,
        checkpoints: PathBuf,
        clock: Arc<dyn Clock>,
        rng: RngSource,
        head: &Head,
    ) -> Self {
        let seen = AtomicU64::new(head.generation);
        let (gate, patrolled) = (Mutex::default(), Mutex::default());
        Self { connections, keys, anchor, checkpoints, clock, rng, gate, seen, patrolled }
    }

    /// Reads one consistent state of the store, head included.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection, &Keys, Head) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        // Taken before the state is, so that the state can only be as new or newer.
        let seen = self.seen.load(Ordering::Acquire);
        let outside = self.anchor.read(&self.keys);
        let answer = self.connections.read(|state| {
            let head = Head::read(state, &self.keys)?;
            self.check_generation(seen, &head)?;
            self.set_gate(standing::compare(state, &head, outside)?.err());
            work(state, &self.keys, head)
        });
        Ok(answer?)
    }

    /// Makes one change to the store, or none.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let mut rng = (self.rng)();
        let mut writer = self.connections.writer();
        let seen = self.seen.load(Ordering::Acquire);
        let change_in = || -> Result<(T, bool), Fault> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let head = Head::read(&transaction, &self.keys)?;
            self.check_generation(seen, &head)?;
            let outside = Outside::take(&self.anchor, &transaction, &self.keys, &head);
            let Outside { mut held, mark, mut owed } = outside?;
            let now = self.clock_now();
            let mut change = Change::new(&transaction, &self.keys, rng.as_mut(), head, now);
            let answer = work(&mut change)?;
            let Change { mut head, made, shredded, outside, .. } = change;
            if !made {
                return Ok((answer, false));
            }
            head.generation += 1;
            head.written_at = millis(now);
            let rng = rng.as_mut();
            head.write(&transaction, &self.keys, rng)?;
            owed.extend(outside);
            let mark = held.append(&self.keys, &mark, &owed, rng).map_err(|error| {
                StoreError::Unavailable(format!("the anchor cannot be written: {error}"))
            })?;
            self.connections.check_in_place()?;
            transaction.commit()?;
            // What was committed stands, and so does the answer: a slot that cannot be written is
            // made good by the next change, or holds it up.
            let _next_time = held.write(&self.keys, &Mark::of(&head, &mark), rng);
            // What is acknowledged is where everybody finds it.
            self.connections.check_in_place()?;
            self.seen.fetch_max(head.generation, Ordering::AcqRel);
            Ok((answer, shredded))
        };
        let (answer, shredded) = change_in()?;
        if shredded {
            connection::empty_wal(&writer);
        }
        Ok(answer)
    }

    /// How the database is older than it should be, if it is: then it is read, and neither signed
    /// with nor changed until [`SqliteStore::accept_epoch`].
    ///
    /// # Errors
    /// A failure to read the store.
    pub fn behind(&self) -> Result<Option<Behind>, Error> {
        self.read(|_, _, _| Ok(()))?;
        Ok(match self.gate().check() {
            Err(Error::Store(StoreError::Behind(behind))) => Some(behind),
            _ => None,
        })
    }

    /// Brings an anchor up to the database, where a process died between the two.
    pub(crate) fn settle_anchor(&self) -> Result<(), Error> {
        let mut rng = (self.rng)();
        self.read(|state, keys, head| {
            match Outside::take(&self.anchor, state, keys, &head) {
                Ok(Outside { mut held, mark, owed }) if mark.generation < head.generation => {
                    let rng = rng.as_mut();
                    let settled = held
                        .append(keys, &mark, &owed, rng)
                        .and_then(|mark| held.write(keys, &Mark::of(&head, &mark), rng));
                    settled.map_err(|error| {
                        let why = format!("the anchor cannot be written: {error}");
                        Fault::from(StoreError::Unavailable(why))
                    })
                }
                Ok(_) => Ok(()),
                Err(Fault::Ring(Error::Store(StoreError::Behind(behind)))) => {
                    // Perhaps because others went on in the meantime.
                    if !matches!(behind.known, KnownOutside::Newer { .. }) {
                        self.set_gate(Some(behind));
                    }
                    Ok(())
                }
                Err(other) => Err(other),
            }
        })
    }

    /// While the database is behind, a ring that was destroyed since, or has a key that was revoked
    /// since, is not used at all.
    fn check_not_undone(&self, row: &RingRow, ring: &Ring) -> Result<(), Fault> {
        let Err(behind) = self.gate().check() else { return Ok(()) };
        let undone = |entry: &Entry| match entry {
            Entry::Revoked { ring: name, kid, .. } => {
                let key = ring.keys().find(|key| key.kid.as_str() == kid);
                *name == row.name && key.is_some_and(|key| key.state.verifies())
            }
            Entry::Destroyed { ring: name, epoch, .. } => *name == row.name && *epoch > row.epoch,
            Entry::AccessEnded { .. } => false,
        };
        let journal = self.anchor.journal(&self.keys).unwrap_or_default();
        if journal.iter().any(undone) { Err(behind.into()) } else { Ok(()) }
    }

    /// Whether the access tokens of a subject were withdrawn since, while the database is behind.
    fn is_access_ended(&self, subject: &str, head: &Head) -> bool {
        let ended = |entry: &Entry| {
            matches!(entry, Entry::AccessEnded { subject: ended, seq }
                if ended == subject && *seq > head.audit_seq)
        };
        self.gate().check().is_err()
            && self.anchor.journal(&self.keys).unwrap_or_default().iter().any(ended)
    }

    fn gate(&self) -> SigningGate {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shuts the gate of every ring that was read, or gives those that are read from now on an open
    /// one.
    pub(crate) fn set_gate(&self, behind: Option<Behind>) {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        match behind {
            Some(behind) => gate.shut(behind),
            None if gate.check().is_err() => *gate = SigningGate::default(),
            None => {}
        }
    }

    pub(crate) fn check_generation(&self, seen: u64, head: &Head) -> Result<(), Error> {
        self.seen.fetch_max(head.generation, Ordering::AcqRel);
        if head.generation >= seen {
            return Ok(());
        }
        let written_at =
            Timestamp::from_millisecond(head.written_at).unwrap_or(Timestamp::UNIX_EPOCH);
        self.set_gate(Some(Behind {
            generation: head.generation,
            written_at,
            known: KnownOutside::Newer { generation: seen, written_at },
        }));
        let why = format!(
            "it is at generation {}, after it was at {seen}: an older copy was put in its place",
            head.generation
        );
        Err(tampered("the store", why).into())
    }

    /// To the millisecond, as instants are kept.
    pub(crate) fn clock_now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(millis(now)).unwrap_or(now)
    }

    /// Checks the next few rings, and gives the names of those that do not hold. Who comes by
    /// regularly has checked them all after a while, also those that were moved out of sight.
    fn patrol(&self, state: &Connection, keys: &Keys) -> Result<Vec<RingName>, Fault> {
        let mut patrolled = self.patrolled.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = rings::page(state, &patrolled, RINGS_PER_PATROL)?;
        *patrolled = match rows.last() {
            Some(last) if rows.len() == RINGS_PER_PATROL => last.name.clone(),
            _ => String::new(),
        };
        let sound =
            |row: &RingRow| row.check(keys).is_ok() && rings::check_newest(state, row).is_ok();
        Ok(rows.iter().filter(|row| !sound(row)).filter_map(|row| row.name.parse().ok()).collect())
    }
}

impl RingStore for SqliteStore {
    fn now(&self) -> Result<Timestamp, Error> {
        Ok(self.clock_now())
    }

    fn create(
        &self,
        name: &RingName,
        new_keys: &[SigningKey; 2],
        decide: &mut dyn FnMut(Epoch, Timestamp) -> Changes,
    ) -> Result<Changes, Error> {
        self.write(|change| {
            let before = rings::find(change.connection, change.keys, name)?;
            if before.as_ref().is_some_and(|row| row.live().is_some()) {
                return Err(Error::RingExists { ring: name.clone() }.into());
            }
            let last = before.as_ref().map_or(0, |tombstone| tombstone.epoch().get());
            let changes = decide(Epoch::new(last + 1), change.now);
            check_decision(name, last, &changes)?;
            change.keep(before.as_ref(), &[], &changes, &[&new_keys[0], &new_keys[1]])?;
            Ok(changes)
        })
    }

    fn load(&self, name: &RingName) -> Result<Stored, Error> {
        self.read(|state, keys, _| {
            let row = rings::live(state, keys, name)?;
            let kept = rings::kept_keys(state, name.as_str())?;
            row::check_keys(&row, &kept, keys)?;
            let ring = row.assemble(&kept)?;
            let secrets = open_verifying(&ring, &kept, keys)?;
            self.check_not_undone(&row, &ring)?;
            let evidence = instances::of_ring(state, keys, &row)?;
            Ok(Stored { ring, keys: secrets, evidence, gate: self.gate() })
        })
    }

    fn check_in(&self, name: &RingName, said: &CheckIn, actor: &Actor) -> Result<Stored, Error> {
        self.write(|change| {
            let row = rings::live(change.connection, change.keys, name)?;
            let kept = rings::kept_keys(change.connection, name.as_str())?;
            row::check_keys(&row, &kept, change.keys)?;
            let ring = row.assemble(&kept)?;
            let keys = open_verifying(&ring, &kept, change.keys)?;
            let evidence = change.check_in(&row, &ring, said, actor)?;
            Ok(Stored { ring, keys, evidence, gate: self.gate() })
        })
    }

    fn look_again(&self, name: &RingName, expected: Epoch, at: Timestamp) -> Result<(), Error> {
        self.write(|change| {
            let row = rings::live(change.connection, change.keys, name)?;
            if row.epoch() == expected { change.look_again(&row, at) } else { Ok(()) }
        })
    }

    fn commit(
        &self,
        commit: Commit<'_>,
        decide: &mut Decide<'_>,
    ) -> Result<Option<Changes>, Error> {
        let Commit { ring: name, expected, fresh } = commit;
        let check_epoch = |found| commit.check_epoch(found);
        self.write(|change| {
            let row = rings::live(change.connection, change.keys, name)?;
            check_epoch(row.epoch())?;
            let kept = rings::kept_keys(change.connection, name.as_str())?;
            row::check_keys(&row, &kept, change.keys)?;
            let evidence = instances::of_ring(change.connection, change.keys, &row)?;
            let Some(changes) = decide(change.now, &evidence)? else { return Ok(None) };
            check_decision(name, expected.get(), &changes)?;
            let fresh = fresh.filter(|_| changes.uses_fresh_key);
            change.keep(Some(&row), &kept, &changes, fresh.as_slice())?;
            Ok(Some(changes))
        })
    }

    fn destroy(&self, name: &RingName, actor: &Actor, reason: Option<&str>) -> Result<(), Error> {
        self.write(|change| {
            let row = rings::live(change.connection, change.keys, name)?;
            let (tombstone, deleted) = change.bury(&row)?;
            webhooks::delete(change.connection, name, None)?;
            targets::delete(change.connection, name, None)?;
            let event = Event::done(actor.clone(), Action::RingDestroy)
                .ring(name)
                .epoch(tombstone.epoch())
                .reason(reason)
                .detail("keys", deleted);
            change.append(&event)
        })
    }

    fn list(&self, after: Option<&RingName>, limit: usize) -> Result<Vec<RingSummary>, Error> {
        self.read(|state, keys, _| {
            let mut list = Vec::new();
            for row in rings::page(state, after.map_or("", RingName::as_str), limit)? {
                row.check(keys)?;
                list.extend(row.summary()?);
            }
            Ok(list)
        })
    }

    /// None while the database is behind: nothing can be done about them. Otherwise rings that are due and, whatever their time says, those of this call's patrol whose rows do
    /// not hold: whoever loads them is told why.
    fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<RingName>, Error> {
        self.read(|state, keys, _| {
            if self.gate().check().is_err() {
                return Ok(Vec::new());
            }
            let mut due = rings::names(
                state,
                "SELECT name FROM rings WHERE destroyed_at IS NULL AND next_due <= ?1
                 ORDER BY next_due, name LIMIT ?2",
                params![millis(now), number(limit as u64)],
            )?;
            for name in self.patrol(state, keys)? {
                if !due.contains(&name) {
                    due.push(name);
                }
            }
            Ok(due)
        })
    }

    fn changed_since(&self, since: Revision) -> Result<(Revision, Vec<RingName>), Error> {
        self.read(|state, _, head| {
            let changed = rings::names(
                state,
                "SELECT name FROM rings WHERE revision > ?1 ORDER BY name",
                params![number(since.0)],
            )?;
            Ok((Revision(head.revision), changed))
        })
    }

    fn record(&self, event: &Event) -> Result<(), Error> {
        self.write(|change| change.append(event))
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, Error> {
        self.read(|state, keys, head| audit::page(state, keys, &head, after, limit))
    }

    fn audit_len(&self) -> Result<u64, Error> {
        self.read(|_, _, head| Ok(head.audit_seq))
    }

    fn sign_audit_head(&self) -> Result<Option<SignedHead>, Error> {
        self.sign_head()
    }

    fn verify_audit(&self) -> Result<AuditReport, Error> {
        self.read(|state, keys, head| audit::verify(state, keys, &head, &self.checkpoints))
    }

    /// Keeps a credential, over the one of the same hash.
    fn put_access(&self, token: &AccessToken, actor: &Actor) -> Result<(), Error> {
        self.write(|change| change.put_access(token, actor))
    }

    fn end_access(&self, subject: &str, actor: &Actor) -> Result<usize, Error> {
        self.write(|change| change.end_access(subject, actor))
    }

    fn find_access(&self, hash: &AccessTokenHash) -> Result<Option<AccessToken>, Error> {
        self.read(|state, keys, head| {
            let Some(row) = access::find(state, keys, hash)? else { return Ok(None) };
            access::check_census(state, keys, &head)?;
            let token = row.token()?;
            Ok((!self.is_access_ended(&token.subject, &head)).then_some(token))
        })
    }

    fn put_webhook(&self, webhook: &Webhook, actor: &Actor) -> Result<(), Error> {
        self.write(|change| {
            rings::live(change.connection, change.keys, &webhook.ring)?;
            let known = webhooks::all(change.connection, change.keys)?;
            let count = known.iter().filter(|known| known.ring == webhook.ring).count();
            keytide_ring::webhook::check_count(count)?;
            webhooks::put(change.connection, change.keys, webhook, change.rng)?;
            change.append(&webhook.event(Action::WebhookAdd, actor))
        })
    }

    fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        self.read(|state, keys, _head| webhooks::all(state, keys))
    }

    fn settle_webhook(&self, id: &str, seen: u64, standing: &Standing) -> Result<bool, Error> {
        self.write(|change| {
            let found = webhooks::find(change.connection, change.keys, id)?;
            let Some(found) = found.filter(|found| found.standing.version == seen) else {
                return Ok(false);
            };
            let settled = Webhook { standing: standing.clone(), ..found };
            webhooks::put(change.connection, change.keys, &settled, change.rng)?;
            change.made = true;
            Ok(true)
        })
    }

    fn remove_webhook(&self, ring: &RingName, id: &str, actor: &Actor) -> Result<(), Error> {
        self.write(|change| {
            let found = webhooks::find(change.connection, change.keys, id)?;
            let Some(found) = found.filter(|found| found.ring == *ring) else {
                return Err(Error::WebhookNotFound { ring: ring.clone(), id: id.to_owned() }.into());
            };
            webhooks::delete(change.connection, ring, Some(id))?;
            change.append(&found.event(Action::WebhookRemove, actor))
        })
    }

    fn put_target(&self, target: &KeptTarget, actor: &Actor) -> Result<(), Error> {
        self.write(|change| {
            let ring = &target.ring;
            rings::live(change.connection, change.keys, ring)?;
            let known = targets::names(change.connection, ring)?;
            let action = if known.contains(&target.name) {
                Action::TargetChange
            } else {
                keytide_ring::target::check_count(ring, known.len())?;
                Action::TargetAdd
            };
            targets::put(change.connection, change.keys, target, change.rng)?;
            change.append(&target.event(action, actor))
        })
    }

    fn targets(&self) -> Result<Vec<KeptTarget>, Error> {
        self.read(|state, keys, _head| targets::all(state, keys))
    }

    fn targets_of(&self, ring: &RingName) -> Result<Vec<KeptTarget>, Error> {
        self.read(|state, keys, _head| targets::of(state, keys, ring))
    }

    fn target(&self, ring: &RingName, name: &TargetName) -> Result<KeptTarget, Error> {
        self.read(|state, keys, _head| targets::find(state, keys, ring, name))
    }

    fn settle_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        seen: u64,
        standing: &Value,
    ) -> Result<bool, Error> {
        self.write(|change| {
            let found = match targets::find(change.connection, change.keys, ring, name) {
                Ok(found) if found.version == seen => found,
                Ok(_) | Err(Fault::Ring(Error::TargetNotFound { .. })) => return Ok(false),
                Err(fault) => return Err(fault),
            };
            let settled =
                KeptTarget { version: found.version + 1, standing: standing.clone(), ..found };
            targets::put(change.connection, change.keys, &settled, change.rng)?;
            change.made = true;
            Ok(true)
        })
    }

    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        actor: &Actor,
    ) -> Result<(), Error> {
        self.write(|change| {
            let found = targets::find(change.connection, change.keys, ring, name)?;
            targets::delete(change.connection, ring, Some(name))?;
            change.append(&found.event(Action::TargetRemove, actor))
        })
    }

    fn list_access(&self) -> Result<Vec<AccessToken>, Error> {
        self.read(|state, keys, head| {
            access::check_census(state, keys, &head)?;
            let mut all = Vec::new();
            access::for_each(state, |row| {
                row.check(keys)?;
                all.push(row.token()?);
                Ok(())
            })?;
            all.sort_by(|a, b| (&a.subject, a.created_at).cmp(&(&b.subject, b.created_at)));
            Ok(all)
        })
    }
}

/// Rings that one patrol checks: about a millisecond's work at most.
const RINGS_PER_PATROL: usize = 64;

fn open_verifying(ring: &Ring, kept: &[KeptKey], keys: &Keys) -> Result<Vec<SigningKey>, Fault> {
    let mut opened = Vec::new();
    for key in ring.verifying() {
        let secret = match kept.iter().find(|kept| kept.row.kid == key.kid.as_str()) {
            Some(kept) => kept.open(keys)?,
            None => None,
        };
        let Some(secret) = secret else {
            let why = format!("its key `{}` is {} and has no secret", key.kid, key.state.name());
            return Err(inconsistent(ring.name(), why).into());
        };
        let imported = SigningKey::import(key.algorithm, &secret)?;
        opened.push(imported.with_key_id(key.kid.clone()));
    }
    Ok(opened)
}

/// A decision is about this ring, and raises its epoch.
fn check_decision(name: &RingName, last: u64, changes: &Changes) -> Result<(), Error> {
    if changes.ring.name() != name {
        return Err(inconsistent(name, format!("`{}` was to be kept as it", changes.ring.name())));
    }
    let epoch = changes.ring.epoch();
    if epoch.get() <= last {
        return Err(inconsistent(name, format!("epoch {epoch} was to follow epoch {last}")));
    }
    Ok(())
}
