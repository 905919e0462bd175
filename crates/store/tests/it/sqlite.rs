//! What only a store on disk promises: other processes, crashes, and nothing in the clear.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Algorithm::{ES256, HS256};
use keytide_ring::{
    AccessToken, AccessTokenHash, Action, Command, Commit, Event, ManualClock, Permission,
    Revision, RingPattern, RingStore,
};
use keytide_store::{DATABASE_FILE, MASTER_KEY_FILE, MasterKeySource, SqliteStore};

use crate::bench::{
    Bench, actor, at, clock, code, command_on, forced, hmac_with, key, name, open, options,
};
use crate::conformance;

/// Another handle on the same directory, as another process would have.
fn other(bench: &Bench) -> SqliteStore {
    let dir = bench.dir.as_ref().unwrap().path();
    open(dir, &bench.clock, MasterKeySource::BesideStore).unwrap().store
}

/// The files as a crash at this instant would leave them.
fn image(bench: &Bench) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_files(bench.dir.as_ref().unwrap().path(), copy.path());
    copy
}

pub(crate) fn copy_files(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn one_handle_sees_what_the_other_commits() {
    let bench = Bench::sqlite();
    let other = other(&bench);
    let ring = bench.create("a.b", ES256);
    assert_eq!(other.load(&name("a.b")).unwrap().ring, ring);
    let (revision, changed) = other.changed_since(Revision(0)).unwrap();
    assert_eq!(changed, [name("a.b")]);
    let rotated = command_on(&other, &ring, &forced(), &key(ES256)).unwrap().ring;
    assert_eq!(bench.load("a.b"), rotated);
    assert_eq!(bench.store.changed_since(revision).unwrap().1, [name("a.b")]);
    assert_eq!(code(bench.command(&ring, &forced())), "conflict");
    assert_eq!(bench.store.audit_len().unwrap(), other.audit_len().unwrap());
}

#[test]
fn handles_that_commit_at_once_never_both_win() {
    let bench = Bench::sqlite();
    let other = other(&bench);
    let ring = bench.create("a.b", HS256);
    for _ in 0..10 {
        let ring = bench.load(ring.name().as_str());
        let ends = std::thread::scope(|scope| {
            let here = scope.spawn(|| code(bench.command(&ring, &forced())));
            let there = code(command_on(&other, &ring, &forced(), &key(HS256)));
            [here.join().unwrap(), there]
        });
        assert!(ends == ["done", "conflict"] || ends == ["conflict", "done"], "{ends:?}");
    }
    assert_eq!(bench.store.verify_audit().unwrap().broken, None);
}

#[test]
fn what_was_acknowledged_is_in_the_files_already() {
    let bench = Bench::sqlite();
    let mut ring = bench.create("a.b", HS256);
    for _ in 0..5 {
        ring = bench.rotate(&ring).ring;
        let crashed = image(&bench);
        let store = open(crashed.path(), &bench.clock, MasterKeySource::BesideStore).unwrap().store;
        assert_eq!(store.load(&name("a.b")).unwrap().ring, ring);
        assert_eq!(store.verify_audit().unwrap().broken, None);
        assert!(store.verify().unwrap().is_sound());
    }
}

#[test]
fn a_crash_between_two_commits_of_the_log_leaves_one_of_them() {
    let bench = Bench::sqlite();
    let mut rings = vec![bench.create("a.b", HS256)];
    for _ in 0..3 {
        rings.push(bench.rotate(rings.last().unwrap()).ring);
    }
    let whole = image(&bench);
    let log = whole.path().join("keytide.db-wal");
    let bytes = fs::read(&log).unwrap();
    for length in (0..bytes.len()).step_by(1_111) {
        let torn = tempfile::tempdir().unwrap();
        copy_files(whole.path(), torn.path());
        fs::write(torn.path().join("keytide.db-wal"), &bytes[..length]).unwrap();
        let store = open(torn.path(), &bench.clock, MasterKeySource::BesideStore).unwrap().store;
        match store.load(&name("a.b")) {
            Ok(stored) => assert!(rings.contains(&stored.ring), "cut to {length}"),
            Err(error) => assert_eq!(error.code(), "ring_not_found", "cut to {length}"),
        }
        assert!(store.verify().unwrap().is_sound(), "cut to {length}");
    }
}

#[test]
fn a_database_that_is_removed_or_replaced_under_an_open_store_is_noticed_and_not_written_to() {
    for file in [DATABASE_FILE, "keytide.db-wal", "keytide.db-shm"] {
        let bench = Bench::sqlite();
        let ring = bench.create("a.b", HS256);
        let len = bench.store.audit_len().unwrap();
        let path = bench.dir.as_ref().unwrap().path().join(file);
        let aside = path.with_added_extension("aside");
        let all = |expected: &str| {
            let here = &*bench.store;
            assert_eq!(code(here.changed_since(Revision(0))), expected, "{file}");
            assert_eq!(code(here.load(&name("a.b"))), expected, "{file}");
            assert_eq!(code(bench.create_with("a.c", HS256, [key(HS256), key(HS256)])), expected);
            let event = Event::done(actor(), Action::KeyExport);
            assert_eq!(code(here.record(&event)), expected, "{file}");
        };
        fs::rename(&path, &aside).unwrap();
        all("store_unavailable");
        fs::copy(&aside, &path).unwrap();
        all("store_tampered");
        // The very file put back: nothing was lost, nothing was added.
        fs::rename(&aside, &path).unwrap();
        assert_eq!(bench.load("a.b"), ring);
        assert_eq!(bench.store.audit_len().unwrap(), len);
        bench.rotate(&ring);
    }
}

#[test]
fn a_store_that_another_process_closed_is_still_in_its_place() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", HS256);
    drop(other(&bench));
    let ring = bench.rotate(&ring).ring;
    let other = other(&bench);
    let Bench { store, dir: _dir, .. } = bench;
    drop(store);
    command_on(&other, &ring, &forced(), &key(HS256)).unwrap();
}

#[test]
fn a_decision_that_panics_leaves_the_store_as_it_was_and_usable() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", HS256);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let commit = Commit { ring: ring.name(), expected: ring.epoch(), fresh: None };
        let _ = bench.store.commit(commit, &mut |_, _| panic!("in the middle of it"));
    }));
    assert!(panicked.is_err());
    assert_eq!(bench.load("a.b"), ring);
    bench.rotate(&ring);
}

#[test]
fn readers_go_on_while_another_process_writes_and_writers_are_told_that_it_is_busy() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", HS256);
    let dir = bench.dir.as_ref().unwrap().path();
    let hasty = options(&bench.clock).busy_timeout(Duration::ZERO);
    let store = SqliteStore::open(dir, hasty).unwrap().store;
    let mut raw = rusqlite::Connection::open(dir.join(DATABASE_FILE)).unwrap();
    let held = raw.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    assert_eq!(store.load(&name("a.b")).unwrap().ring, ring);
    assert_eq!(store.list(None, 10).unwrap().len(), 1);
    assert_eq!(code(command_on(&store, &ring, &forced(), &key(HS256))), "store_busy");
    drop(held);
    command_on(&store, &ring, &forced(), &key(HS256)).unwrap();
}

#[test]
fn no_secret_and_no_master_key_is_in_any_file_in_the_clear() {
    let bench = Bench::sqlite();
    let (active, standby) =
        (*b"marker-of-the-active-secret-here", *b"marker-of-the-standby-secret-now");
    let ring = bench.create_with("a.b", HS256, [hmac_with(&active), hmac_with(&standby)]).unwrap();
    bench.rotate(&ring);
    let dir = bench.dir.as_ref().unwrap().path();
    let master_key = fs::read_to_string(dir.join(MASTER_KEY_FILE)).unwrap();
    let master_key = master_key.trim();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let raw_master_key: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&master_key[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let needles = [
        active.to_vec(),
        standby.to_vec(),
        hex(&active).into_bytes(),
        hex(&standby).into_bytes(),
        // The beginnings of both in base64, which is the same in base64url.
        b"bWFya2VyLW9mLXRoZS1hY3RpdmUtc2Vjcm".to_vec(),
        b"bWFya2VyLW9mLXRoZS1zdGFuZGJ5LXNlY3".to_vec(),
        master_key.as_bytes().to_vec(),
        raw_master_key,
    ];
    let mut read = 0;
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with(MASTER_KEY_FILE) {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        read += bytes.len();
        for needle in &needles {
            assert!(!contains(&bytes, needle), "{}", path.display());
        }
    }
    assert!(read > 10_000, "the files were read");
}

#[test]
fn a_destroyed_secret_leaves_not_even_its_sealed_bytes() {
    let bench = Bench::sqlite();
    let dir = bench.dir.as_ref().unwrap().path();
    let sealed = || -> Vec<Vec<u8>> {
        let raw = rusqlite::Connection::open(dir.join(DATABASE_FILE)).unwrap();
        let mut query = raw.prepare("SELECT sealed FROM secrets").unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let left = |sealed: &[Vec<u8>]| {
        let files = [DATABASE_FILE, "keytide.db-wal"].map(|file| fs::read(dir.join(file)).unwrap());
        let held = |secret: &&Vec<u8>| files.iter().any(|file| contains(file, secret));
        sealed.iter().filter(held).count()
    };
    bench.create("a.b", ES256);
    let secrets = sealed();
    assert_eq!((secrets.len(), left(&secrets)), (2, 2));
    bench.store.destroy(&name("a.b"), &actor(), None).unwrap();
    assert_eq!((sealed().len(), left(&secrets)), (0, 0));

    let ring = bench.create("a.c", ES256);
    let secrets = sealed();
    let ring = bench.rotate(&ring).ring;
    bench.pass("1h");
    let ring = bench.command(&ring, &Command::Turn).unwrap().ring;
    bench.pass("2d");
    let changes = bench.command(&ring, &Command::Turn).unwrap();
    assert_eq!(changes.shred.len(), 1);
    assert_eq!(left(&secrets), 1, "of the first two one is destroyed");
    let records = bench.store.audit(0, 100).unwrap();
    let proof = records.iter().rfind(|record| record.event.action == Action::KeyDestroy).unwrap();
    let digests: Vec<String> = secrets
        .iter()
        .map(|sealed| {
            keytide_jose::digest::sha256(sealed).iter().map(|b| format!("{b:02x}")).collect()
        })
        .collect();
    assert!(digests.contains(&proof.event.detail["sealed_sha256"]), "the log names what is gone");
}

#[test]
fn the_row_of_a_destroyed_key_that_a_ring_leaves_out_is_deleted() {
    let bench = Bench::sqlite();
    conformance::a_destroyed_key_that_is_left_out_of_a_ring_does_not_come_back(&bench);
    let dir = bench.dir.as_ref().unwrap().path();
    let raw = rusqlite::Connection::open(dir.join(DATABASE_FILE)).unwrap();
    let rows: isize = raw.query_row("SELECT count(*) FROM keys", [], |row| row.get(0)).unwrap();
    assert_eq!(rows.cast_unsigned(), bench.load("a.b").keys().count());
    assert!(other(&bench).verify().unwrap().is_sound());
}

#[test]
fn instants_are_kept_to_the_millisecond_that_the_store_told() {
    let dir = tempfile::tempdir().unwrap();
    let fine = Arc::new(ManualClock::new(at("2026-01-01T00:00:00.123456789Z")));
    let store = open(dir.path(), &fine, MasterKeySource::BesideStore).unwrap().store;
    assert_eq!(store.now().unwrap(), at("2026-01-01T00:00:00.123Z"));
    let bench = Bench { store: Arc::new(store), clock: fine, dir: Some(dir) };
    let ring = bench.create("a.b", ES256);
    assert_eq!(bench.load("a.b"), ring);
}

#[test]
fn an_exported_audit_log_can_be_checked_with_nothing_but_json_and_sha_256() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    bench.rotate(&ring);
    let mut previous = String::new();
    for record in bench.store.audit(0, 100).unwrap() {
        // `jq -cS 'del(.hash)'`: this test's own way of sorting is that of a BTreeMap.
        let mut members: std::collections::BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        members.remove("hash");
        let body = serde_json::to_string(&members).unwrap();
        let hash = keytide_jose::digest::sha256(body.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((hash, &record.previous), (record.hash.clone(), &previous));
        previous = record.hash;
    }
}

#[test]
fn a_look_through_a_sound_store_counts_everything_and_finds_nothing() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    bench.rotate(&ring);
    bench.create("b.b", HS256);
    bench.create("c.b", HS256);
    bench.store.destroy(&name("c.b"), &actor(), None).unwrap();
    let report = other(&bench).verify().unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.rings, report.keys, report.secrets), (2, 5, 5));
    assert_eq!(report.audit.records, bench.store.audit_len().unwrap());
}

#[test]
fn a_store_is_whole_after_access_tokens_ended() {
    let bench = Bench::sqlite();
    for byte in [1, 2, 3] {
        let token = AccessToken {
            hash: AccessTokenHash([byte; 32]),
            subject: if byte == 3 { "other" } else { "ci" }.into(),
            permissions: vec![Permission::Sign],
            rings: vec![RingPattern::all()],
            created_at: at("2026-01-01T00:00:00Z"),
            expires_at: None,
        };
        bench.store.put_access(&token, &actor()).unwrap();
    }
    assert_eq!(bench.store.end_access("ci", &actor()).unwrap(), 2);
    let report = other(&bench).verify().unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.access_tokens, 1);
}

#[test]
fn opening_and_closing_changes_nothing() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    let Bench { store, dir, .. } = bench;
    drop(store);
    let dir = dir.unwrap();
    for _ in 0..3 {
        let store = open(dir.path(), &clock(), MasterKeySource::BesideStore).unwrap().store;
        assert_eq!(store.load(&name("a.b")).unwrap().ring, ring);
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
