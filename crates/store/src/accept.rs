//! Accepting an older database: every epoch above what may have been issued, later revocations and destructions done again.

use keytide_jose::KeyId;
use keytide_jose::key::SigningKey;
use keytide_ring::{
    Action, Actor, Command, Epoch, Error, Event, FreshKey, Policy, Ring, RingName, apply, plan,
};
use rusqlite::TransactionBehavior;
use serde::Serialize;

use crate::anchor::{Entry, Mark};
use crate::error::Fault;
use crate::head::Head;
use crate::row::{self, KeptKey, RingRow};
use crate::standing;
use crate::transaction::{After, Change};
use crate::{SqliteStore, instances, rings};

/// What became of an older database that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The generation that the database was at.
    pub from_generation: u64,
    /// The generation that its anchor knew; none where nothing was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor_generation: Option<u64>,
    /// By how much every epoch was raised, at least.
    pub raised_by: u64,
    /// How many rings were raised, those that were destroyed included.
    pub rings: u64,
    /// Keys that were revoked again.
    pub revoked: Vec<KeyId>,
    /// Rings that were destroyed again.
    pub destroyed: Vec<RingName>,
    /// Whose access tokens were withdrawn again.
    pub access_ended: Vec<String>,
    /// Whether it was known what had been revoked, destroyed and withdrawn later. If not, keys and
    /// rings may be back and access tokens work again, and it has to be done again by hand.
    pub later_changes_known: bool,
}

impl SqliteStore {
    /// Accepts a database that is behind its anchor: from then on it signs and is changed again.
    ///
    /// One transaction raises the epoch of every ring above all that may have been issued, takes the
    /// published keys for published only now, and revokes and destroys again what the anchor knows
    /// to have been revoked and destroyed later. None when the database is not behind.
    ///
    /// # Errors
    /// `reason_required`, `reason_too_long`, or a failure of the store.
    pub fn accept_epoch(&self, reason: &str, actor: &Actor) -> Result<Option<Accepted>, Error> {
        check_reason(reason)?;
        let mut rng = (self.rng)();
        let mut writer = self.connections.writer();
        let mut accept = || -> Result<_, Fault> {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let head = Head::read(&transaction, &self.keys)?;
            let mut held = self.anchor.hold().ok();
            let mark = held.as_mut().and_then(|held| held.read(&self.keys).ok());
            let journal = held.as_mut().zip(mark.as_ref());
            let journal = journal.and_then(|(held, mark)| held.journal(&self.keys, mark).ok());
            if let (Some(mark), Some(_)) = (&mark, &journal)
                && standing::compare(&transaction, &head, Ok(mark.clone()))?.is_ok()
            {
                return Ok(None);
            }
            let mut accepted = Accepted {
                from_generation: head.generation,
                anchor_generation: mark.as_ref().map(|mark| mark.generation),
                raised_by: raise(&head, mark.as_ref()),
                rings: 0,
                revoked: Vec::new(),
                destroyed: Vec::new(),
                access_ended: Vec::new(),
                later_changes_known: journal.is_some(),
            };
            let (now, known_seq) = (self.clock_now(), head.audit_seq);
            let mut change = Change::new(&transaction, &self.keys, rng.as_mut(), head, now);
            change.append(&event(&accepted, mark.as_ref(), &change.head, reason, actor))?;
            change.head.generation += accepted.raised_by;
            change.head.revision += accepted.raised_by;
            redo(
                &mut change,
                &mut accepted,
                journal.as_deref().unwrap_or_default(),
                known_seq,
                actor,
            )?;
            let Change { mut head, outside, .. } = change;
            head.written_at = row::millis(now);
            let rng = rng.as_mut();
            head.write(&transaction, &self.keys, rng)?;
            let everything = standing::recorded(&transaction, &self.keys, &head, 0)?;
            self.connections.check_in_place()?;
            transaction.commit()?;
            // A process that dies before the anchor is written leaves the store behind: the same
            // command is given once more.
            let written = match (held, mark, journal) {
                (Some(mut held), Some(mark), Some(_)) => held
                    .append(&self.keys, &mark, &outside, rng)
                    .and_then(|mark| held.write(&self.keys, &Mark::of(&head, &mark), rng))
                    .map_err(|error| error.to_string()),
                _ => {
                    let mark = Mark::of(&head, &Mark::default());
                    let made = self.anchor.make(&self.keys, &mark, &everything, rng);
                    made.map_err(|error| error.to_string())
                }
            };
            written.map_err(|why| {
                let why = format!("the anchor cannot be written: {why}");
                Fault::from(keytide_ring::StoreError::Unavailable(why))
            })?;
            Ok(Some(accepted))
        };
        let accepted = accept()?;
        drop(writer);
        self.behind()?;
        Ok(accepted)
    }
}

/// # Errors
/// `reason_required`, `reason_too_long`.
pub(crate) fn check_reason(reason: &str) -> Result<(), Error> {
    if reason.trim().is_empty() {
        return Err(Error::ReasonRequired { what: "accepting an older database" });
    }
    if reason.len() > LONGEST_REASON {
        return Err(Error::ReasonTooLong { length: reason.len(), limit: LONGEST_REASON });
    }
    Ok(())
}

/// No epoch rises more than once in a generation.
fn raise(head: &Head, mark: Option<&Mark>) -> u64 {
    match mark {
        Some(mark) if mark.generation > head.generation => mark.generation - head.generation + 1,
        _ => UNKNOWN,
    }
}

fn event(
    accepted: &Accepted,
    mark: Option<&Mark>,
    head: &Head,
    reason: &str,
    actor: &Actor,
) -> Event {
    let event = Event::done(actor.clone(), Action::StoreAccept)
        .reason(Some(reason))
        .detail("from_generation", accepted.from_generation)
        .detail("raised_by", accepted.raised_by);
    match mark {
        None => event,
        Some(mark) => event
            .detail("anchor_generation", mark.generation)
            .detail("records_lost", mark.audit_seq.saturating_sub(head.audit_seq)),
    }
}

/// Raises every ring, and does again what was done later: after the audit record `known_seq`.
fn redo(
    change: &mut Change<'_>,
    accepted: &mut Accepted,
    journal: &[Entry],
    known_seq: u64,
    actor: &Actor,
) -> Result<(), Fault> {
    for entry in journal {
        if let Entry::AccessEnded { subject, seq } = entry
            && *seq > known_seq
            && change.end_access(subject, actor)? > 0
        {
            accepted.access_ended.push(subject.clone());
        }
    }
    let mut rows = Vec::new();
    rings::for_each(change.connection, |row| {
        rows.push(row);
        Ok(())
    })?;
    for row in rows {
        row.check(change.keys)?;
        accepted.rings += 1;
        let name: RingName = row.name.parse()?;
        let destroyed = journal.iter().any(|entry| {
            matches!(entry, Entry::Destroyed { ring, epoch, .. } if *ring == row.name && *epoch > row.epoch)
        });
        if row.live().is_none() || destroyed {
            let revision = change.next_revision();
            let raised = row.raised(row::number(accepted.raised_by), revision, change.keys);
            change.put_ring(Some(&row), &raised)?;
            if row.live().is_some() {
                let (tombstone, deleted) = change.bury(&raised)?;
                let event = Event::done(actor.clone(), Action::RingDestroy)
                    .ring(&name)
                    .epoch(tombstone.epoch())
                    .reason(Some(AGAIN))
                    .detail("keys", deleted);
                change.append(&event)?;
                accepted.destroyed.push(name);
            }
            continue;
        }
        let (ring, row, kept) = raise_ring(change, &row, &name, accepted.raised_by)?;
        let revoked = journal.iter().filter_map(|entry| match entry {
            Entry::Revoked { ring, kid, .. } if ring == name.as_str() => Some(kid),
            _ => None,
        });
        let mut standing = (ring, row, kept);
        for kid in revoked {
            if let Some(after) = revoke(change, &standing, kid, actor)? {
                accepted.revoked.push(kid.parse()?);
                standing = after;
            }
        }
    }
    Ok(())
}

/// A ring with its row and the rows of its keys.
type Standing = (Ring, RingRow, Vec<KeptKey>);

/// The same ring at a higher epoch ([`Ring::recovered`]).
fn raise_ring(
    change: &mut Change<'_>,
    row: &RingRow,
    name: &RingName,
    by: u64,
) -> Result<Standing, Fault> {
    let kept = rings::kept_keys(change.connection, &row.name)?;
    row::check_keys(row, &kept, change.keys)?;
    let ring = row.assemble(&kept)?;
    let evidence = instances::of_ring(change.connection, change.keys, row)?;
    let ring = ring.recovered(Epoch::new(ring.epoch().get() + by), change.now);
    let next_due = plan::next_due(&ring, &evidence, change.now);
    let after = After { ring: &ring, next_due, evidence: None, shred: &[], fresh: &[] };
    change.keep_ring(Some(row), &kept, &after)?;
    read(change, name)
}

/// Revokes a key that is there and not revoked yet.
fn revoke(
    change: &mut Change<'_>,
    (ring, row, kept): &Standing,
    kid: &str,
    actor: &Actor,
) -> Result<Option<Standing>, Fault> {
    let kid: KeyId = kid.parse()?;
    if ring.key(&kid).is_none() {
        return Ok(None);
    }
    let command = Command::Revoke { kid, reason: Some(AGAIN.to_owned()) };
    let evidence = instances::of_ring(change.connection, change.keys, row)?;
    let fresh = match command.fresh_key_policy(ring, &evidence, change.now) {
        Some(policy) => Some(make_key(change, &policy)?),
        None => None,
    };
    let facts = fresh.as_ref().map(FreshKey::of);
    let Some(changes) = apply::apply(ring, &evidence, &command, facts, actor, change.now)? else {
        return Ok(None);
    };
    let fresh: Vec<_> = fresh.iter().filter(|_| changes.uses_fresh_key).collect();
    change.keep(Some(row), kept, &changes, &fresh)?;
    read(change, ring.name()).map(Some)
}

fn read(change: &Change<'_>, name: &RingName) -> Result<Standing, Fault> {
    let row = rings::live(change.connection, change.keys, name)?;
    let kept = rings::kept_keys(change.connection, name.as_str())?;
    let ring = row.assemble(&kept)?;
    Ok((ring, row, kept))
}

fn make_key(change: &mut Change<'_>, policy: &Policy) -> Result<SigningKey, Fault> {
    Ok(SigningKey::generate(policy.algorithm(), policy.spec().rsa_bits, change.rng)?)
}

const AGAIN: &str = "done before an older database was put in place, and done again";
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 1_024;
/// Above all that a store can have issued that nothing is known of, and still a number that every
/// JSON reader takes whole.
const UNKNOWN: u64 = 1 << 32;
