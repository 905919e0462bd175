//! The audit log: a chain of hashes that anybody can follow, each link under a MAC that only Keytide can make.
//!
//! A record's hash is the SHA-256 of the record itself as JSON without its `hash`, its members
//! sorted and without spaces (RFC 8785); `previous` in it is the hash before. An exported log can
//! therefore be checked with any JSON tool. A writer of the database who computes the whole chain
//! anew still lacks the key of the MACs, and the sealed head knows how long the chain is.

use std::path::Path;

use jiff::Timestamp;
use keytide_jose::digest::sha256;
use keytide_ring::{AuditRecord, AuditReport, Break, Event, EventResult};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::head::Head;
use crate::hex::encode as hex;
use crate::kek::{Keys, Tag};
use crate::row::number;
use crate::signed_heads;

/// Appends an event in its transaction, and moves the head.
pub(crate) fn append(
    connection: &Connection,
    keys: &Keys,
    head: &mut Head,
    event: &Event,
    at: Timestamp,
) -> Result<(), Fault> {
    let seq = head.audit_seq + 1;
    let previous = if head.audit_seq == 0 { String::new() } else { hex(&head.audit_hash) };
    let record = AuditRecord { seq, at, event: event.clone(), previous, hash: String::new() };
    let body = body(&record)?;
    let hash: Tag = sha256(body.as_bytes());
    let ring = event.ring.as_ref().map(|ring| ring.as_str());
    let epoch = epoch_of(event);
    let mac = keys.audit.tag(&link(number(seq), ring, epoch, &hash));
    connection
        .prepare_cached(
            "INSERT INTO audit (seq, ring, epoch, body, hash, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![number(seq), ring, epoch, body, hash, mac])?;
    head.audit_seq = seq;
    head.audit_hash = hash;
    Ok(())
}

/// Records after `after`, oldest first, each checked and each the successor of the one before.
///
/// # Errors
/// `store_tampered`, naming the record.
pub(crate) fn page(
    connection: &Connection,
    keys: &Keys,
    head: &Head,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditRecord>, Fault> {
    let mut query = connection.prepare_cached(
        "SELECT seq, ring, epoch, body, hash, mac FROM audit
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let rows = query.query_map(params![number(after), number(limit as u64)], read_link)?;
    let mut records = Vec::new();
    let mut chain = Chain { seq: after, previous: None };
    let refuse = |Break { seq, what }| Fault::from(tampered(format!("audit record {seq}"), what));
    for row in rows {
        records.push(chain.follow(row?, keys).map_err(refuse)?);
    }
    let whole_page = records.len() == limit;
    if !whole_page && after < head.audit_seq {
        chain.end(head).map_err(refuse)?;
    }
    Ok(records)
}

/// The hash of the record at a place, not checked; of the empty log at place 0.
pub(crate) fn hash_at(connection: &Connection, seq: u64) -> Result<Option<Tag>, Fault> {
    if seq == 0 {
        return Ok(Some(Tag::default()));
    }
    let mut query = connection.prepare_cached("SELECT hash FROM audit WHERE seq = ?1")?;
    let hash: Option<Vec<u8>> = query.query_row([number(seq)], |row| row.get(0)).optional()?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// Walks along the whole chain, and holds every signed head against it.
pub(crate) fn verify(
    connection: &Connection,
    keys: &Keys,
    head: &Head,
    checkpoints: &Path,
) -> Result<AuditReport, Fault> {
    let mut query = connection
        .prepare_cached("SELECT seq, ring, epoch, body, hash, mac FROM audit ORDER BY seq")?;
    let mut chain = Chain { seq: 0, previous: Some(String::new()) };
    let mut records = 0;
    let mut broken = None;
    for row in query.query_map([], read_link)? {
        let row = row?;
        records += 1;
        if broken.is_none() {
            broken = chain.follow(row, keys).err();
        }
    }
    let broken = broken.or_else(|| chain.end(head).err());
    let (signed_heads, broken) = match broken {
        // What is signed cannot be held against a log that does not hold by itself.
        Some(broken) => (0, Some(broken)),
        None => signed_heads::check(connection, keys, head, checkpoints)?,
    };
    Ok(AuditReport { records, head: chain.previous.unwrap_or_default(), signed_heads, broken })
}

/// Where somebody who follows the chain has come to.
struct Chain {
    seq: u64,
    /// The hash of the record there, in hex; none before the first that was read.
    previous: Option<String>,
}

impl Chain {
    fn follow(&mut self, row: Link, keys: &Keys) -> Result<AuditRecord, Break> {
        let expected = self.seq + 1;
        let broken = |what: &str| Err(Break { seq: expected, what: what.to_owned() });
        if row.seq > number(expected) {
            return broken("it is missing");
        }
        if row.seq < number(expected) {
            return broken("a record with no place in the log stands before it");
        }
        let hash: Tag = sha256(row.body.as_bytes());
        if row.hash != hash {
            return broken("its text does not fit its hash");
        }
        if !keys.audit.fits(&link(row.seq, row.ring.as_deref(), row.epoch, &hash), &row.mac) {
            return broken("it was not written by Keytide, or not for this place");
        }
        let Some(record) = parse(&row.body, &hash) else {
            return broken("it cannot be read");
        };
        if record.seq != expected
            || record.event.ring.as_ref().map(|ring| ring.as_str()) != row.ring.as_deref()
            || epoch_of(&record.event) != row.epoch
        {
            return broken("it stands in the place of another record");
        }
        if self.previous.as_ref().is_some_and(|previous| *previous != record.previous) {
            return broken("it does not follow the record before it");
        }
        self.seq = expected;
        self.previous = Some(record.hash.clone());
        Ok(record)
    }

    /// The chain must end where the head says.
    fn end(&self, head: &Head) -> Result<(), Break> {
        let broken = |seq: u64, what: String| Err(Break { seq, what });
        if self.seq < head.audit_seq {
            let missing = head.audit_seq - self.seq;
            return broken(
                self.seq + 1,
                format!("the log was cut off before it: {missing} missing"),
            );
        }
        if self.seq > head.audit_seq {
            return broken(head.audit_seq + 1, "it was added behind the newest record".to_owned());
        }
        let newest = if head.audit_seq == 0 { String::new() } else { hex(&head.audit_hash) };
        if self.previous.as_ref().is_some_and(|hash| *hash != newest) {
            return broken(self.seq, "it is not the record that the store wrote last".to_owned());
        }
        Ok(())
    }
}

/// A record as a row.
struct Link {
    seq: i64,
    ring: Option<String>,
    epoch: Option<i64>,
    body: String,
    hash: Vec<u8>,
    mac: Vec<u8>,
}

fn read_link(row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        seq: row.get(0)?,
        ring: row.get(1)?,
        epoch: row.get(2)?,
        body: row.get(3)?,
        hash: row.get(4)?,
        mac: row.get(5)?,
    })
}

fn link(seq: i64, ring: Option<&str>, epoch: Option<i64>, hash: &Tag) -> Fields {
    Fields::of("audit 1").number(seq).maybe_text(ring).maybe_number(epoch).bytes(hash)
}

/// The epoch that the event brought about: a refused attempt brought about none.
fn epoch_of(event: &Event) -> Option<i64> {
    match event.result {
        EventResult::Done => event.epoch.map(|epoch| number(epoch.get())),
        EventResult::Refused(_) => None,
    }
}

pub(crate) fn body(record: &AuditRecord) -> Result<String, Fault> {
    let mut value = serde_json::to_value(record)
        .map_err(|error| keytide_ring::StoreError::Unavailable(error.to_string()))?;
    if let Value::Object(members) = &mut value {
        members.remove("hash");
    }
    let mut text = String::new();
    write_canonical(&value, &mut text);
    Ok(text)
}

fn parse(body: &str, hash: &Tag) -> Option<AuditRecord> {
    let mut value: Value = serde_json::from_str(body).ok()?;
    value.as_object_mut()?.insert("hash".to_owned(), Value::String(hex(hash)));
    serde_json::from_value(value).ok()
}

/// RFC 8785 for what audit records hold: objects, arrays, text and whole numbers.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use keytide_ring::{Action, Actor};
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_json_sorts_members_and_escapes_as_little_as_may_be() {
        let mut text = String::new();
        let value = json!({"b": [1, {"z": null, "a": "é\u{1}\"/"}], "a": "x", "\u{10000}": 1, "\u{ffff}": 2});
        write_canonical(&value, &mut text);
        assert_eq!(
            text,
            "{\"a\":\"x\",\"b\":[1,{\"a\":\"é\\u0001\\\"/\",\"z\":null}],\"\u{10000}\":1,\"\u{ffff}\":2}"
        );
    }

    #[test]
    fn a_record_is_its_body_and_its_hash() {
        let event = Event::refused(Actor::remote("a", "127.0.0.1"), Action::KeyRevoke, "conflict")
            .ring(&"a.b".parse().unwrap())
            .detail("x", 1);
        let mut record = AuditRecord {
            seq: 7,
            at: "2026-01-01T00:00:00.5Z".parse().unwrap(),
            event,
            previous: "00".into(),
            hash: String::new(),
        };
        let body = body(&record).ok().unwrap();
        let hash = sha256(body.as_bytes());
        record.hash = hex(&hash);
        assert_eq!(parse(&body, &hash), Some(record));
    }
}
