//! The audit log as a file that can be checked with no store at all: each record signed, and the end of it.
//!
//! Lines of JSON: the key first, then each record with its signature, then the end. Every line has
//! one form only, so that no byte of it can be changed.

use std::io::{BufRead, Write};

use keytide_jose::digest::sha256;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::key::VerifyingKey;
use keytide_ring::{AuditRecord, AuditReport, Break, Error, SignedHead, StoreError};
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::log_key::{LogKey, Statement, head_holds, holds};
use crate::{SqliteStore, audit, hex, signed_heads};

/// A line of an export.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Key(PublicJwk),
    Record { record: Box<AuditRecord>, signature: String },
    Head(SignedHead),
    End { first: u64, last: u64, hash: String, signature: String },
}

impl SqliteStore {
    /// The public half of the key that signs the audit log.
    ///
    /// # Errors
    /// `backend_failed`.
    pub fn audit_key(&self) -> Result<PublicJwk, Error> {
        Ok(LogKey::of(&self.keys)?.public()?)
    }

    /// Writes the whole audit log, each record signed; says how many there were.
    ///
    /// # Errors
    /// `store_tampered` at the first record that does not hold; a failure of the store or of `to`.
    pub fn export_audit(&self, to: &mut dyn Write) -> Result<u64, Error> {
        const PAGE: usize = 1_000;
        let key = LogKey::of(&self.keys)?;
        self.read(|state, keys, head| {
            put(to, &Line::Key(key.public()?))?;
            let mut heads = signed_heads::heads(state, keys)?.into_iter().peekable();
            let (mut last, mut hash) = (0, String::new());
            loop {
                let records = audit::page(state, keys, &head, last, PAGE)?;
                let count = records.len();
                for record in records {
                    (last, hash) = (record.seq, record.hash.clone());
                    let statement = Statement::Record { seq: last, hash: &hash };
                    let signature = key.sign(&statement)?;
                    put(to, &Line::Record { record: Box::new(record), signature })?;
                    while let Some(signed) = heads.next_if(|signed| signed.seq <= last) {
                        put(to, &Line::Head(signed))?;
                    }
                }
                if count < PAGE {
                    break;
                }
            }
            let first = last.min(1);
            let signature = key.sign(&Statement::Export { first, last, hash: &hash })?;
            put(to, &Line::End { first, last, hash, signature })?;
            Ok(last)
        })
    }
}

/// Walks along an exported log. `key` is the public key that it must be signed with; if none, the one
/// that it names, which says only that nothing was changed since whoever has that key wrote it.
///
/// # Errors
/// A failure to read. What is wrong with the log is in the report.
pub fn verify_audit_export(
    from: &mut dyn BufRead,
    key: Option<&PublicJwk>,
) -> std::io::Result<AuditReport> {
    let mut walk = Walk { seq: 0, hash: String::new(), heads: 0, ended: false, key: None };
    let mut broken = None;
    let mut line = String::new();
    loop {
        line.clear();
        match from.read_line(&mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                broken = Some("it is not text");
                break;
            }
            Err(error) => return Err(error),
        }
        if let Err(why) = walk.follow(&line, key) {
            broken = Some(why);
            break;
        }
    }
    if broken.is_none() && !walk.ended {
        broken = Some("the log was cut off before it");
    }
    let broken = broken.map(|what| Break { seq: walk.seq + 1, what: what.to_owned() });
    Ok(AuditReport { records: walk.seq, head: walk.hash, signed_heads: walk.heads, broken })
}

/// Where somebody who follows an export has come to.
struct Walk {
    seq: u64,
    hash: String,
    heads: u64,
    ended: bool,
    key: Option<VerifyingKey>,
}

impl Walk {
    /// # Errors
    /// What is wrong with the next record.
    fn follow(&mut self, line: &str, expected: Option<&PublicJwk>) -> Result<(), &'static str> {
        let read: Line = serde_json::from_str(line).map_err(|_| "it cannot be read")?;
        let same =
            serde_json::to_string(&read).is_ok_and(|text| line.strip_suffix('\n') == Some(&*text));
        if !same {
            return Err("it is not in the form in which it was written");
        }
        if self.ended {
            return Err("it was added behind the end");
        }
        let Some(key) = &self.key else {
            let Line::Key(named) = read else { return Err("the key does not stand before it") };
            if expected.is_some_and(|expected| expected.thumbprint() != named.thumbprint()) {
                return Err("the log is another store's");
            }
            let key = VerifyingKey::from_jwk(&named, None).map_err(|_| "the key cannot be used")?;
            self.key = Some(key);
            return Ok(());
        };
        match read {
            Line::Key(_) => Err("another key stands before it"),
            Line::Record { record, signature } => {
                if record.seq > self.seq + 1 {
                    return Err("it is missing");
                }
                if record.seq <= self.seq {
                    return Err("another record stands in its place");
                }
                let body = audit::body(&record).map_err(|_| "it cannot be read")?;
                if hex::encode(&sha256(body.as_bytes())) != record.hash {
                    return Err("its text does not fit its hash");
                }
                let statement = Statement::Record { seq: record.seq, hash: &record.hash };
                if !holds(key, &statement, &signature) {
                    return Err("it was not written by this store, or not for this place");
                }
                if record.previous != self.hash {
                    return Err("it does not follow the record before it");
                }
                self.seq = record.seq;
                self.hash = record.hash;
                Ok(())
            }
            Line::Head(head) => {
                if head.seq != self.seq || head.hash != self.hash || !head_holds(key, &head) {
                    return Err("the signed head before it does not fit");
                }
                self.heads += 1;
                Ok(())
            }
            Line::End { first, last, hash, signature } => {
                let statement = Statement::Export { first, last, hash: &hash };
                if last != self.seq
                    || first != last.min(1)
                    || hash != self.hash
                    || !holds(key, &statement, &signature)
                {
                    return Err("the log was cut off before it");
                }
                self.ended = true;
                Ok(())
            }
        }
    }
}

fn put(to: &mut dyn Write, line: &Line) -> Result<(), Fault> {
    let cannot = |error: String| Fault::from(StoreError::Unavailable(error));
    let text = serde_json::to_string(line).map_err(|error| cannot(error.to_string()))?;
    writeln!(to, "{text}").map_err(|error| cannot(format!("the log cannot be written: {error}")))
}
