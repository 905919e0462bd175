//! Signed heads: where the audit log ended from time to time, kept in the store and outside it.
//!
//! In the store each is a row under the head's census. Outside, each is a line of JSON in a file that
//! only grows: whoever takes records off the end of the log, or puts another log in its place, is
//! told by the first line that does not fit.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use keytide_ring::{Action, AuditRecord, Break, Error, EventResult, SignedHead, StoreError};
use rusqlite::{Connection, params};

use crate::error::Fault;
use crate::head::{Census, Head};
use crate::kek::Keys;
use crate::log_key::{self, LogKey, Statement};
use crate::row::{millis, number};
use crate::transaction::Change;
use crate::{SqliteStore, audit, files, hex};

impl SqliteStore {
    /// Signs where the log ends, if it grew since.
    pub(crate) fn sign_head(&self) -> Result<Option<SignedHead>, Error> {
        let log_key = LogKey::of(&self.keys)?;
        let signed = self.write(|change| sign(change, &log_key))?;
        self.write_checkpoints()?;
        Ok(signed)
    }

    /// Appends the signed heads that the file outside the store lacks.
    fn write_checkpoints(&self) -> Result<(), Error> {
        let heads = self.read(|state, keys, _| heads(state, keys))?;
        let path = &self.checkpoints;
        let cannot = |error: String| {
            let path = path.display();
            Error::from(StoreError::Unavailable(format!("`{path}` cannot be written: {error}")))
        };
        let file = files::append_own(path).map_err(|error| cannot(error.to_string()))?;
        let append = || -> std::io::Result<()> {
            file.lock()?;
            let mut text = String::new();
            (&file).seek(SeekFrom::Start(0))?;
            (&file).read_to_string(&mut text)?;
            // A line that was cut short by a crash is not gone on with.
            let mut out =
                if text.is_empty() || text.ends_with('\n') { "" } else { "\n" }.to_owned();
            let known = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            let known: Vec<SignedHead> = known.collect();
            for head in heads.iter().filter(|head| !known.contains(head)) {
                out.push_str(&serde_json::to_string(head)?);
                out.push('\n');
            }
            if out.trim().is_empty() {
                return Ok(());
            }
            (&file).write_all(out.as_bytes())?;
            file.sync_all()
        };
        append().map_err(|error| cannot(error.to_string()))
    }
}

/// Every signed head, oldest first; not checked.
pub(crate) fn heads(state: &Connection, keys: &Keys) -> Result<Vec<SignedHead>, Fault> {
    let id = LogKey::of(keys)?.id().clone();
    let mut query =
        state.prepare_cached("SELECT seq, hash, at, signature FROM audit_heads ORDER BY seq")?;
    let rows = query.query_map([], |row| {
        let [hash, signature]: [Vec<u8>; 2] = [row.get(1)?, row.get(3)?];
        Ok(SignedHead {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            hash: hex::encode(&hash),
            at: Timestamp::from_millisecond(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
            key: id.clone(),
            signature: hex::encode(&signature),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Holds every signed head, in the store and outside it, against a log that was found whole. Says
/// how many there were, and the first that does not fit.
pub(crate) fn check(
    state: &Connection,
    keys: &Keys,
    head: &Head,
    checkpoints: &Path,
) -> Result<(u64, Option<Break>), Fault> {
    let key = LogKey::of(keys)?;
    let verifying = key.verifying();
    let mut breaks = Vec::new();
    let mut found = Census::default();
    let mut count = 0;
    let kept = heads(state, keys)?;
    for signed in &kept {
        count += 1;
        found.add(signed.signature.as_bytes(), keys);
        if !log_key::head_holds(&verifying, signed) {
            breaks.push(at(signed.seq, "the signed head of this place was changed"));
        } else if record_hash(state, signed.seq)?.as_ref() != Some(&signed.hash) {
            breaks.push(at(signed.seq, "it is not the record that was signed at this place"));
        }
    }
    if head.signed != found {
        breaks.push(at(head.signed_seq, "signed heads were removed, added or put back"));
    }
    let mut before = 0;
    for line in read_lines(checkpoints)? {
        let signed: Option<SignedHead> = serde_json::from_str(&line).ok();
        let Some(signed) = signed else {
            // What a crash cut short is written again behind it.
            let is_cut =
                |head| serde_json::to_string(head).is_ok_and(|text| text.starts_with(&line));
            if !kept.iter().any(is_cut) {
                breaks
                    .push(at(before + 1, "a checkpoint of it, or of a later one, cannot be read"));
            }
            continue;
        };
        before = signed.seq;
        if signed.key != *key.id() || !log_key::head_holds(&verifying, &signed) {
            breaks.push(at(signed.seq, "a checkpoint of this place is foreign or was changed"));
            continue;
        }
        count += 1;
        if record_hash(state, signed.seq)? == Some(signed.hash.clone())
            || is_given_up(state, keys, head, &signed)?
        {
            continue;
        }
        breaks.push(match signed.seq > head.audit_seq {
            true => {
                at(head.audit_seq + 1, "the log was cut off before it: a checkpoint knows more")
            }
            false => at(signed.seq, "it is not the record that a checkpoint knows"),
        });
    }
    Ok((count, breaks.into_iter().min_by_key(|broken| broken.seq)))
}

fn sign(change: &mut Change<'_>, key: &LogKey) -> Result<Option<SignedHead>, Fault> {
    let seq = change.head.audit_seq;
    if seq == change.head.signed_seq {
        return Ok(None);
    }
    let hash = hex::encode(&change.head.audit_hash);
    let signature = key.sign(&Statement::Head { seq, hash: &hash, at: change.now })?;
    let head = SignedHead { seq, hash, at: change.now, key: key.id().clone(), signature };
    let signature = hex::decode(&head.signature).unwrap_or_default();
    change
        .connection
        .prepare_cached(
            "INSERT INTO audit_heads (seq, hash, at, signature) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![number(seq), change.head.audit_hash, millis(change.now), signature])?;
    change.head.signed.add(head.signature.as_bytes(), change.keys);
    change.head.signed_seq = seq;
    change.made = true;
    Ok(Some(head))
}

/// Whether a checkpoint is of the part of the log that was lost when an older database was accepted.
fn is_given_up(
    state: &Connection,
    keys: &Keys,
    head: &Head,
    signed: &SignedHead,
) -> Result<bool, Fault> {
    const PAGE: usize = 1_000;
    let accepts = |record: &AuditRecord| {
        record.event.action == Action::StoreAccept
            && record.event.result == EventResult::Done
            && record.seq <= signed.seq
            && record.at >= signed.at
    };
    let mut seen = 0;
    loop {
        let records = audit::page(state, keys, head, seen, PAGE)?;
        match records.last() {
            _ if records.iter().any(accepts) => return Ok(true),
            Some(last) if records.len() == PAGE => seen = last.seq,
            _ => return Ok(false),
        }
    }
}

fn record_hash(state: &Connection, seq: u64) -> Result<Option<String>, Fault> {
    Ok(audit::hash_at(state, seq)?.map(|hash| hex::encode(&hash)))
}

fn read_lines(path: &Path) -> Result<Vec<String>, Fault> {
    let cannot = |error: String| {
        Fault::from(StoreError::Unavailable(format!("`{}`: {error}", path.display())))
    };
    let file = files::open_own(path, false).map_err(|error| cannot(error.to_string()))?;
    let Some(mut file) = file else { return Ok(Vec::new()) };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| cannot(error.to_string()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn at(seq: u64, what: &str) -> Break {
    Break { seq, what: what.to_owned() }
}
