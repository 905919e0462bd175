//! The whole store looked through: every row, every secret, the head's count of them, and the audit log.

use std::path::Path;

use keytide_jose::key::SigningKey;
use keytide_ring::{AuditReport, Error, StoreError};
use rusqlite::Connection;
use serde::Serialize;

use crate::error::{Fault, tampered};
use crate::head::{Census, Head};
use crate::kek::Keys;
use crate::row::{self, KeptKey, RingRow};
use crate::{SqliteStore, access, audit, instances, rings, targets, webhooks};

/// What a look through the whole store found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreReport {
    /// Rings that were looked at, without those that were destroyed.
    pub rings: u64,
    /// Keys, of all states.
    pub keys: u64,
    /// Secrets that were opened.
    pub secrets: u64,
    /// Access tokens.
    pub access_tokens: u64,
    /// The audit log.
    pub audit: AuditReport,
    /// Everything that does not hold, the audit log aside.
    pub findings: Vec<Finding>,
}

/// Something that was changed outside Keytide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub what: String,
    /// How that shows.
    pub why: String,
}

impl StoreReport {
    /// Whether everything holds.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.audit.broken.is_none()
    }
}

impl SqliteStore {
    /// Looks the whole store through: opens every secret and follows the whole audit log.
    ///
    /// # Errors
    /// A failure to read the store. What is wrong with it is in the report.
    pub fn verify(&self) -> Result<StoreReport, Error> {
        self.read(|state, keys, head| look_through(state, keys, head, &self.checkpoints))
    }
}

/// Counts the rings and access tokens, checking each row but no key.
///
/// # Errors
/// `store_tampered`, with the first row that does not hold.
pub(crate) fn census(state: &Connection, keys: &Keys, head: Head) -> Result<(), Fault> {
    let mut found = Census::default();
    rings::for_each(state, |row| {
        row.check(keys)?;
        found.add(&row.mac, keys);
        Ok(())
    })?;
    head.rings.check(&found, RINGS)?;
    access::for_each(state, |row| Ok(row.check(keys)?))?;
    access::check_census(state, keys, &head)
}

const RINGS: &str = "the set of rings";

pub(crate) fn look_through(
    state: &Connection,
    keys: &Keys,
    head: Head,
    checkpoints: &Path,
) -> Result<StoreReport, Fault> {
    let mut findings = Findings(Vec::new());
    let (mut rings, mut key_count, mut secrets, mut access_tokens) = (0, 0, 0, 0);
    let mut found = Census::default();
    rings::for_each(state, |ring| {
        rings += u64::from(ring.live().is_some());
        found.add(&ring.mac, keys);
        let kept = rings::kept_keys(state, &ring.name)?;
        key_count += kept.len() as u64;
        secrets += kept.iter().filter(|key| key.secret.is_some()).count() as u64;
        findings.take(check_ring(state, &ring, &kept, keys))
    })?;
    access::for_each(state, |row| {
        access_tokens += 1;
        let sound = row.check(keys).and_then(|()| row.token().map(drop));
        findings.take(sound.map_err(Fault::from))
    })?;
    findings.take(head.rings.check(&found, RINGS).map_err(Fault::from))?;
    findings.take(access::check_census(state, keys, &head))?;
    findings.take(webhooks::all(state, keys).map(drop))?;
    findings.take(targets::all(state, keys).map(drop))?;
    findings.take(check_strays(state))?;
    findings.take(check_pages(state))?;
    let audit = audit::verify(state, keys, &head, checkpoints)?;
    let Findings(findings) = findings;
    Ok(StoreReport { rings, keys: key_count, secrets, access_tokens, audit, findings })
}

fn check_ring(
    state: &Connection,
    ring: &RingRow,
    kept: &[KeptKey],
    keys: &Keys,
) -> Result<(), Fault> {
    ring.check(keys)?;
    rings::check_newest(state, ring)?;
    if ring.live().is_none() {
        // Whatever a destroyed ring still has was put there.
        let strays = kept.len();
        let why = format!("it was destroyed, and has {strays} keys");
        let what = format!("ring `{}`", row::shown(&ring.name));
        return if strays == 0 { Ok(()) } else { Err(tampered(what, why).into()) };
    }
    row::check_keys(ring, kept, keys)?;
    instances::of_ring(state, keys, ring)?;
    let assembled = ring.assemble(kept)?;
    for key in kept {
        let algorithm = assembled.keys().find(|known| known.kid.as_str() == key.row.kid);
        if let (Some(secret), Some(known)) = (key.open(keys)?, algorithm) {
            SigningKey::import(known.algorithm, &secret)?;
        }
    }
    Ok(())
}

/// Rows that no ring leads to.
fn check_strays(state: &Connection) -> Result<(), Fault> {
    let strays: i64 = state.query_row(
        "SELECT (SELECT count(*) FROM keys WHERE ring NOT IN (SELECT name FROM rings))
              + (SELECT count(*) FROM secrets WHERE kid NOT IN (SELECT kid FROM keys))",
        [],
        |row| row.get(0),
    )?;
    if strays == 0 {
        return Ok(());
    }
    Err(tampered("the keys of the store", format!("{strays} belong to no ring")).into())
}

/// SQLite's own look at its pages and indexes.
fn check_pages(state: &Connection) -> Result<(), Fault> {
    let verdict: String = state.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(tampered("the database file", verdict).into()) }
}

struct Findings(Vec<Finding>);

impl Findings {
    /// Notes what does not hold; a failure to read at all is passed on.
    fn take(&mut self, checked: Result<(), Fault>) -> Result<(), Fault> {
        let error = match checked {
            Ok(()) => return Ok(()),
            Err(fault) => Error::from(fault),
        };
        let finding = match error {
            Error::Store(StoreError::Tampered { what, why }) => Finding { what, why },
            Error::Store(other) => return Err(other.into()),
            other => Finding { what: "a ring".to_owned(), why: other.to_string() },
        };
        self.0.push(finding);
        Ok(())
    }
}
