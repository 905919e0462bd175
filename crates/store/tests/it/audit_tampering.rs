//! A thousand random tamperings with the audit log, in the database and in an exported copy: each found, at its record.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keytide_jose::Algorithm::HS256;
use keytide_jose::digest::sha256;
use keytide_ring::{Action, AuditReport, Event, RingStore};
use keytide_store::{
    CHECKPOINTS_FILE, DATABASE_FILE, MasterKeySource, SqliteStore, verify_audit_export,
};
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::bench::{Bench, actor, clock, open};

const TAMPERINGS: u64 = 1_000;
/// Stands in the message of a failure; any other does as well.
const SEED: u64 = 20_261_122;

struct Log {
    dir: tempfile::TempDir,
    store: Arc<SqliteStore>,
    bench: Bench,
}

/// A store with a log of some length, signed in several places.
fn log() -> Log {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Arc::new(open(dir.path(), &clock, MasterKeySource::BesideStore).unwrap().store);
    let bench = Bench { store: Arc::clone(&store) as Arc<dyn RingStore>, clock, dir: None };
    for round in 0..8 {
        let ring = bench.create(&format!("ring-{round}.test"), HS256);
        bench.rotate(&ring);
        bench.pass("1m");
        store.record(&Event::refused(actor(), Action::KeyRevoke, "conflict")).unwrap();
        assert_eq!(store.sign_audit_head().unwrap().unwrap().seq, store.audit_len().unwrap());
        store.record(&Event::done(actor(), Action::KeyExport).detail("round", round)).unwrap();
    }
    assert!(store.sign_audit_head().unwrap().is_some());
    assert_eq!(store.sign_audit_head().unwrap(), None, "nothing new, nothing signed");
    store.record(&Event::done(actor(), Action::KeyExport)).unwrap();
    Log { dir, store, bench }
}

fn raw(dir: &Path) -> Connection {
    let raw = Connection::open(dir.join(DATABASE_FILE)).unwrap();
    raw.pragma_update(None, "synchronous", "OFF").unwrap();
    raw
}

fn broken_at(report: &AuditReport) -> Option<u64> {
    report.broken.as_ref().map(|broken| broken.seq)
}

#[test]
fn a_thousand_random_tamperings_with_the_database_are_found_and_located() {
    let seed = SEED;
    let (log, other) = (log(), log());
    let len = log.store.audit_len().unwrap();
    let sound = log.store.verify_audit().unwrap();
    assert_eq!((broken_at(&sound), sound.records, sound.signed_heads), (None, len, 18));
    let raw = raw(log.dir.path());
    raw.execute_batch("CREATE TEMP TABLE was AS SELECT * FROM audit").unwrap();
    raw.execute("ATTACH ?1 AS other", [other.dir.path().join(DATABASE_FILE).to_str().unwrap()])
        .unwrap();
    let mut random = Random(seed);
    for round in 0..TAMPERINGS {
        let (seq, what) = tamper(&raw, &mut random, len);
        let report = log.store.verify_audit().unwrap();
        assert_eq!(broken_at(&report), Some(seq), "seed {seed}, round {round}: {what}");
        raw.execute_batch("DELETE FROM audit; INSERT INTO audit SELECT * FROM was").unwrap();
    }
    assert_eq!(log.store.verify_audit().unwrap(), sound);
}

/// Tampers with the log, and says with which record first and how.
fn tamper(raw: &Connection, random: &mut Random, len: u64) -> (u64, String) {
    let seq = random.below(len) + 1;
    let run = |sql: &str| {
        raw.execute_batch(&sql.replace("$SEQ", &seq.to_string())).unwrap();
    };
    match random.below(7) {
        0 => {
            edit_body(raw, seq, random);
            (seq, format!("edited {seq}"))
        }
        1 => {
            edit_body(raw, seq, random);
            chain_anew(raw, seq, len);
            (seq, format!("edited {seq} and made the chain anew"))
        }
        2 => {
            run("DELETE FROM audit WHERE seq = $SEQ");
            (seq, format!("dropped {seq}"))
        }
        3 => {
            run("DELETE FROM audit WHERE seq = $SEQ");
            for later in seq + 1..=len {
                raw.execute("UPDATE audit SET seq = ?1 - 1 WHERE seq = ?1", [db(later)]).unwrap();
            }
            (seq, format!("dropped {seq} and moved up what follows"))
        }
        4 => {
            let other = (seq + random.below(len - 1)) % len + 1;
            let pair = (seq.min(other), seq.max(other));
            raw.execute("UPDATE audit SET seq = -1 WHERE seq = ?1", [db(pair.0)]).unwrap();
            raw.execute("UPDATE audit SET seq = ?1 WHERE seq = ?2", [db(pair.0), db(pair.1)])
                .unwrap();
            raw.execute("UPDATE audit SET seq = ?1 WHERE seq = -1", [db(pair.1)]).unwrap();
            (pair.0, format!("swapped {} and {}", pair.0, pair.1))
        }
        5 => {
            run("DELETE FROM audit WHERE seq >= $SEQ");
            (seq, format!("cut off from {seq} on"))
        }
        _ => {
            run("DELETE FROM audit WHERE seq = $SEQ;
                 INSERT INTO audit SELECT * FROM other.audit WHERE seq = $SEQ");
            (seq, format!("put another store's {seq} in"))
        }
    }
}

fn edit_body(raw: &Connection, seq: u64, random: &mut Random) {
    let body: String = raw
        .query_row("SELECT body FROM audit WHERE seq = ?1", [db(seq)], |row| row.get(0))
        .unwrap();
    let mut bytes = body.into_bytes();
    let at = random.below(bytes.len() as u64) as usize;
    bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
    let body = String::from_utf8(bytes).unwrap_or_else(|_| "7".to_owned());
    raw.execute("UPDATE audit SET body = ?2 WHERE seq = ?1", params![db(seq), body]).unwrap();
}

/// As somebody does who can write the database, and lacks its keys.
fn chain_anew(raw: &Connection, from: u64, len: u64) {
    let mut previous: Option<String> = None;
    for seq in from..=len {
        let mut body: String = raw
            .query_row("SELECT body FROM audit WHERE seq = ?1", [db(seq)], |row| row.get(0))
            .unwrap();
        if let (Some(previous), Ok(mut record)) =
            (&previous, serde_json::from_str::<serde_json::Map<String, Value>>(&body))
        {
            record.insert("previous".into(), previous.as_str().into());
            body = serde_json::to_string(&record).unwrap();
        }
        let hash = sha256(body.as_bytes());
        raw.execute(
            "UPDATE audit SET body = ?2, hash = ?3 WHERE seq = ?1",
            params![db(seq), body, hash],
        )
        .unwrap();
        previous = Some(hex(&hash));
    }
}

#[test]
fn a_thousand_random_tamperings_with_an_exported_log_are_found_and_located() {
    let seed = SEED;
    let (log, other) = (log(), log());
    let key = log.store.audit_key().unwrap();
    let export = |log: &Log| {
        let mut bytes = Vec::new();
        let count = log.store.export_audit(&mut bytes).unwrap();
        assert_eq!(count, log.store.audit_len().unwrap());
        String::from_utf8(bytes).unwrap()
    };
    let (text, foreign) = (export(&log), export(&other));
    let verify = |text: &str| verify_audit_export(&mut text.as_bytes(), Some(&key)).unwrap();
    let sound = verify(&text);
    assert_eq!((broken_at(&sound), sound.records), (None, log.store.audit_len().unwrap()));
    assert_eq!(sound.signed_heads, 9);
    assert_eq!(broken_at(&verify(&foreign)), Some(1), "all of it is another store's");

    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let foreign: Vec<&str> = foreign.split_inclusive('\n').collect();
    let records: Vec<usize> =
        (0..lines.len()).filter(|line| lines[*line].starts_with("{\"record\"")).collect();
    let mut random = Random(seed);
    for round in 0..TAMPERINGS {
        let mut copy: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let at = random.below(records.len() as u64) as usize;
        let (line, seq) = (records[at], at as u64 + 1);
        let what = match random.below(6) {
            0 => {
                let mut bytes = copy[line].clone().into_bytes();
                let byte = random.below(bytes.len() as u64) as usize;
                bytes[byte] = if bytes[byte] == b'7' { b'8' } else { b'7' };
                copy[line] = String::from_utf8_lossy(&bytes).into_owned();
                "edited"
            }
            1 => {
                make_anew(&mut copy, &records[at..]);
                "edited, and the chain made anew"
            }
            2 => {
                copy.remove(line);
                "dropped"
            }
            3 => {
                let next = records[(at + 1) % records.len()];
                let (first, second) = (line.min(next), line.max(next));
                copy.swap(first, second);
                let first = records.iter().position(|line| *line == first).unwrap() as u64 + 1;
                assert_eq!(broken_at(&verify(&copy.concat())), Some(first), "{round}: swapped");
                continue;
            }
            4 => {
                copy.truncate(line);
                "cut off"
            }
            _ => {
                copy[line] = foreign[line].to_owned();
                "another store's"
            }
        };
        let report = verify(&copy.concat());
        assert_eq!(broken_at(&report), Some(seq), "seed {seed}, round {round}: {what} at {seq}");
    }
}

/// Changes the first of these records, and every hash from there on.
fn make_anew(lines: &mut [String], records: &[usize]) {
    let mut previous = None::<String>;
    for line in records {
        let mut value: Value = serde_json::from_str(&lines[*line]).unwrap();
        let record = value["record"]["record"].as_object_mut().unwrap();
        match previous.take() {
            None => record.insert("at".into(), "2020-01-01T00:00:00Z".into()),
            Some(previous) => record.insert("previous".into(), previous.into()),
        };
        record.remove("hash");
        let hash = hex(&sha256(serde_json::to_string(&record).unwrap().as_bytes()));
        record.insert("hash".into(), hash.as_str().into());
        previous = Some(hash);
        lines[*line] = format!("{value}\n");
    }
}

#[test]
fn a_log_cut_off_together_with_its_head_is_told_by_the_checkpoints_outside() {
    let log = log();
    let checkpoints = log.dir.path().join(CHECKPOINTS_FILE);
    let lines = fs::read_to_string(&checkpoints).unwrap();
    assert_eq!(lines.lines().count(), 9);
    let sound = log.store.verify_audit().unwrap();
    let mut before = 0;
    for (line, text) in lines.lines().enumerate() {
        let seq = serde_json::from_str::<Value>(text).unwrap()["seq"].as_u64().unwrap();
        let another_hash = text.replacen("\"hash\":\"", "\"hash\":\"0", 1);
        for (spoilt, expected) in [(another_hash, seq), (text.replace('{', "["), before + 1)] {
            let mut copy: Vec<&str> = lines.lines().collect();
            copy[line] = &spoilt;
            fs::write(&checkpoints, copy.join("\n")).unwrap();
            let report = log.store.verify_audit().unwrap();
            assert_eq!(broken_at(&report), Some(expected), "{spoilt}");
        }
        before = seq;
    }
    fs::write(&checkpoints, &lines).unwrap();
    assert_eq!(log.store.verify_audit().unwrap(), sound);
    // What a crash cut short is written again by the next.
    fs::write(&checkpoints, &lines[..lines.len() - 20]).unwrap();
    log.bench.create("more.test", HS256);
    log.store.sign_audit_head().unwrap().unwrap();
    let report = log.store.verify_audit().unwrap();
    assert_eq!((report.broken, report.signed_heads), (None, 20));
}

#[test]
fn a_signed_head_that_is_changed_removed_or_put_back_is_found() {
    let log = log();
    let raw = raw(log.dir.path());
    raw.execute_batch("CREATE TEMP TABLE was AS SELECT * FROM audit_heads").unwrap();
    for change in [
        "DELETE FROM audit_heads WHERE seq = (SELECT min(seq) FROM audit_heads)",
        "UPDATE audit_heads SET seq = seq + 1000 WHERE seq = (SELECT max(seq) FROM audit_heads)",
        "UPDATE audit_heads SET at = at + 1",
        "UPDATE audit_heads SET hash = zeroblob(32)",
        "UPDATE audit_heads SET signature = zeroblob(64)",
    ] {
        raw.execute_batch(change).unwrap();
        assert!(log.store.verify_audit().unwrap().broken.is_some(), "{change}");
        raw.execute_batch("DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM was")
            .unwrap();
    }
    assert!(log.store.verify_audit().unwrap().broken.is_none());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn db(seq: u64) -> i64 {
    i64::try_from(seq).unwrap()
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}
