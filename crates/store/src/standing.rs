//! Whether a database is as new as its anchor says it was, and what an anchor lacks that is a step behind.

use jiff::Timestamp;
use keytide_ring::{Action, AuditRecord, Behind, Event, EventResult, KnownOutside, StoreError};
use rusqlite::Connection;

use crate::anchor::{Anchor, Entry, Held, Lost, Mark};
use crate::audit;
use crate::error::Fault;
use crate::head::Head;
use crate::kek::Keys;
use crate::rings;
use crate::row;

/// The anchor in the hands of whoever is changing the store.
pub(crate) struct Outside {
    pub(crate) held: Held,
    pub(crate) mark: Mark,
    /// What it lacks: a process died between its commit and the anchor.
    pub(crate) owed: Vec<Entry>,
}

impl Outside {
    /// Takes hold of the anchor, if the database is as new as it says.
    ///
    /// # Errors
    /// `store_behind`.
    pub(crate) fn take(
        anchor: &Anchor,
        state: &Connection,
        keys: &Keys,
        head: &Head,
    ) -> Result<Self, Fault> {
        let held = anchor.hold();
        let read = held.and_then(|mut held| held.read(keys).map(|mark| (held, mark)));
        let (held, mark) = match read {
            Ok((held, mark)) => (held, mark),
            Err(lost) => return Err(refusal(behind(head, lost))),
        };
        let mark = compare(state, head, Ok(mark))?.map_err(refusal)?;
        let owed = owed(state, keys, head, &mark)?;
        Ok(Self { held, mark, owed })
    }
}

/// The mark, unless it is ahead of the database, knows another history, or there is none.
pub(crate) fn compare(
    state: &Connection,
    head: &Head,
    read: Result<Mark, Lost>,
) -> Result<Result<Mark, Behind>, Fault> {
    let mark = match read {
        Ok(mark) => mark,
        Err(lost) => return Ok(Err(behind(head, lost))),
    };
    if mark.generation > head.generation {
        let (generation, written_at) = (mark.generation, instant(mark.written_at));
        return Ok(Err(found(head, KnownOutside::Newer { generation, written_at })));
    }
    let known = match mark.generation == head.generation {
        true => Some(head.audit_hash),
        false => audit::hash_at(state, mark.audit_seq)?,
    };
    if known != Some(mark.audit_hash) {
        let why = "it knows another history of this store".to_owned();
        return Ok(Err(found(head, KnownOutside::Unusable { why })));
    }
    Ok(Ok(mark))
}

/// What came into the audit log since the mark was made, and must be outside as well.
fn owed(state: &Connection, keys: &Keys, head: &Head, mark: &Mark) -> Result<Vec<Entry>, Fault> {
    if mark.generation == head.generation {
        return Ok(Vec::new());
    }
    recorded(state, keys, head, mark.audit_seq)
}

/// Everything that the audit log records after a place and an older database must not undo.
pub(crate) fn recorded(
    state: &Connection,
    keys: &Keys,
    head: &Head,
    after: u64,
) -> Result<Vec<Entry>, Fault> {
    const PAGE: usize = 1_000;
    let (mut seen, mut entries) = (after, Vec::new());
    loop {
        let records = audit::page(state, keys, head, seen, PAGE)?;
        for record in &records {
            entries.extend(undoable(state, record)?);
        }
        match records.last() {
            Some(last) if records.len() == PAGE => seen = last.seq,
            _ => return Ok(entries),
        }
    }
}

/// What a record says that an older database must not undo.
fn undoable(state: &Connection, record: &AuditRecord) -> Result<Option<Entry>, Fault> {
    let Event { action, ring, kid, epoch, result, detail, .. } = &record.event;
    if *result != EventResult::Done {
        return Ok(None);
    }
    let at = row::millis(record.at);
    let name = ring.as_ref().map(ToString::to_string);
    Ok(match (action, name, kid, epoch) {
        (Action::KeyRevoke, Some(ring), Some(kid), _) => {
            let kept = rings::kept_keys(state, &ring)?;
            let times = kept.iter().find(|key| key.row.kid == kid.as_str());
            let times = times.map(|key| &key.row.times);
            Some(Entry::Revoked {
                ring,
                kid: kid.to_string(),
                revoked_at: times.and_then(|times| times.revoked_at).unwrap_or(at),
                exposed_until: times.and_then(|times| times.exposed_until).unwrap_or(at),
            })
        }
        (Action::RingDestroy, Some(ring), _, Some(epoch)) => {
            Some(Entry::Destroyed { ring, epoch: row::number(epoch.get()), at })
        }
        (Action::AccessEnd, ..) => {
            let subject = detail.get("subject").cloned();
            subject.map(|subject| Entry::AccessEnded { subject, seq: record.seq })
        }
        _ => None,
    })
}

fn behind(head: &Head, lost: Lost) -> Behind {
    found(
        head,
        match lost {
            Lost::Missing => KnownOutside::Missing,
            Lost::Damaged(why) => KnownOutside::Unusable { why },
        },
    )
}

fn refusal(behind: Behind) -> Fault {
    StoreError::Behind(behind).into()
}

fn found(head: &Head, known: KnownOutside) -> Behind {
    Behind { generation: head.generation, written_at: instant(head.written_at), known }
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
