//! Somebody writes to the database by hand: each thing done to it is refused, named for what it is.

use std::fs;
use std::path::Path;

use keytide_jose::Algorithm::{ES256, HS256};
use keytide_jose::Secret;
use keytide_ring::{
    AccessToken, AccessTokenHash, Command, Error, KeptTarget, Permission, Revision, RingStore,
    StoreError,
};
use keytide_store::{
    DATABASE_FILE, MASTER_KEY_FILE, MasterKey, MasterKeySource, OpenError, SqliteStore,
};
use rusqlite::Connection;

use crate::bench::{Bench, actor, at, code, forced, name, open, options};
use crate::sqlite::copy_files;

/// Two rings with a history, an access token, and a destroyed ring; closed.
struct Victim {
    bench: Bench,
    original: tempfile::TempDir,
}

const TOKEN: AccessTokenHash = AccessTokenHash([7; 32]);

impl Victim {
    fn new() -> Self {
        let bench = Bench::sqlite();
        let ring = bench.create("a.prod", ES256);
        bench.rotate(&ring);
        bench.create("b.prod", HS256);
        bench.create("gone.prod", HS256);
        bench.store.destroy(&name("gone.prod"), &actor(), None).unwrap();
        let token = AccessToken {
            hash: TOKEN,
            subject: "reader".into(),
            permissions: vec![Permission::Verify],
            rings: vec!["a.*".parse().unwrap()],
            created_at: at("2026-01-01T00:00:00Z"),
            expires_at: Some(at("2026-01-02T00:00:00Z")),
        };
        bench.store.put_access(&token, &actor()).unwrap();
        let original = tempfile::tempdir().unwrap();
        copy_files(bench.dir.as_ref().unwrap().path(), original.path());
        Self { bench, original }
    }

    /// A copy that was written to with SQL.
    fn after(&self, sql: &str) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(self.original.path(), copy.path());
        let raw = raw(copy.path());
        raw.execute_batch(sql).unwrap();
        copy
    }

    /// Opens without the census: what a store that is in use goes by.
    fn in_use(&self, dir: &Path) -> Result<SqliteStore, OpenError> {
        Ok(SqliteStore::open(dir, options(&self.bench.clock).census(false))?.store)
    }

    fn refused_at_start(&self, sql: &str) -> String {
        let dir = self.after(sql);
        let error = open(dir.path(), &self.bench.clock, MasterKeySource::BesideStore)
            .err()
            .unwrap_or_else(|| panic!("opened after {sql}"));
        assert_eq!(error.code(), "store_tampered", "{sql}: {error}");
        error.to_string()
    }
}

fn raw(dir: &Path) -> Connection {
    let raw = Connection::open(dir.join(DATABASE_FILE)).unwrap();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    raw
}

fn tampered<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Store(error @ StoreError::Tampered { .. })) => error.to_string(),
        Err(other) => panic!("{}: {other}", other.code()),
        Ok(_) => panic!("it was not noticed"),
    }
}

#[test]
fn a_victim_that_nobody_touched_opens() {
    let victim = Victim::new();
    let dir = victim.after("");
    let store = open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore).unwrap().store;
    assert!(store.verify().unwrap().is_sound());
    assert!(victim.in_use(dir.path()).is_ok());
}

#[test]
fn a_wrong_master_key_is_named_as_such() {
    let victim = Victim::new();
    let dir = victim.after("");
    let text = fs::read_to_string(dir.path().join(MASTER_KEY_FILE)).unwrap();
    for at in [0, 31, 63] {
        let mut wrong = text.trim().to_owned().into_bytes();
        wrong[at] = if wrong[at] == b'0' { b'1' } else { b'0' };
        let wrong = MasterKey::parse(std::str::from_utf8(&wrong).unwrap()).unwrap();
        let error = open(dir.path(), &victim.bench.clock, MasterKeySource::Given(wrong));
        assert_eq!(error.err().unwrap().code(), "wrong_master_key");
    }
}

#[test]
fn every_byte_of_every_sealed_secret_is_watched() {
    let victim = Victim::new();
    let dir = victim.after("");
    let store = victim.in_use(dir.path()).unwrap();
    let raw = raw(dir.path());
    let mut query =
        raw.prepare("SELECT kid, ring, sealed FROM secrets JOIN keys USING (kid)").unwrap();
    let secrets: Vec<(String, String, Vec<u8>)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(secrets.len(), 5);
    let put = |kid: &str, sealed: &[u8]| {
        raw.execute(
            "UPDATE secrets SET sealed = ?2 WHERE kid = ?1",
            rusqlite::params![kid, sealed],
        )
        .unwrap();
    };
    for (kid, ring, sealed) in &secrets {
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1 << (at % 8);
            put(kid, &flipped);
            let said = tampered(store.load(&name(ring)));
            assert!(said.contains(&format!("the sealed secret of key `{kid}`")), "{said}");
        }
        put(kid, &sealed[..sealed.len() - 1]);
        tampered(store.load(&name(ring)));
        put(kid, &[]);
        tampered(store.load(&name(ring)));
        put(kid, sealed);
        store.load(&name(ring)).unwrap();
    }
}

#[test]
fn two_sealed_secrets_swapped_are_refused_within_a_ring_and_across_rings() {
    let victim = Victim::new();
    for (one, other) in [
        ("ring = 'a.prod' AND state = 'active'", "ring = 'a.prod' AND state = 'published'"),
        ("ring = 'a.prod' AND state = 'active'", "ring = 'b.prod' AND state = 'active'"),
    ] {
        let dir = victim.after(&format!(
            "CREATE TEMP TABLE one AS SELECT kid, sealed FROM secrets JOIN keys USING (kid) WHERE {one};
             CREATE TEMP TABLE other AS SELECT kid, sealed FROM secrets JOIN keys USING (kid) WHERE {other};
             UPDATE secrets SET sealed = (SELECT sealed FROM other) WHERE kid = (SELECT kid FROM one);
             UPDATE secrets SET sealed = (SELECT sealed FROM one) WHERE kid = (SELECT kid FROM other);"
        ));
        let store = victim.in_use(dir.path()).unwrap();
        let said = tampered(store.load(&name("a.prod")));
        assert!(said.contains("the sealed secret of key"), "{said}");
        assert!(said.contains("belongs to another key"), "{said}");
    }
}

#[test]
fn every_column_of_every_key_is_watched() {
    let victim = Victim::new();
    for change in [
        "state = 'retired', removed_at = 1767225600000 WHERE ring = 'a.prod' AND state = 'retiring'",
        "state = 'revoked' WHERE ring = 'a.prod' AND state = 'active'",
        "state = 'retiring' WHERE ring = 'a.prod' AND state = 'active'",
        "algorithm = 'HS256' WHERE ring = 'a.prod' AND state = 'active'",
        "born = born + 1 WHERE ring = 'a.prod' AND state = 'active'",
        "published_at = 0 WHERE ring = 'a.prod' AND state = 'published'",
        "longest_ttl = 1 WHERE ring = 'a.prod' AND state = 'retiring'",
        "public = NULL WHERE ring = 'a.prod' AND state = 'active'",
        "public = (SELECT public FROM keys WHERE ring = 'a.prod' AND state = 'published') \
         WHERE ring = 'a.prod' AND state = 'active'",
        "activated_at = activated_at + 1 WHERE ring = 'a.prod' AND state = 'active'",
        "deactivated_at = 0 WHERE ring = 'a.prod' AND state = 'retiring'",
        "revoked_at = 1 WHERE ring = 'a.prod' AND state = 'active'",
        "exposed_until = 1 WHERE ring = 'a.prod' AND state = 'active'",
        "destroyed_at = 1 WHERE ring = 'a.prod' AND state = 'active'",
        "mac = x'00' WHERE ring = 'a.prod' AND state = 'active'",
        "kid = 'other' WHERE ring = 'a.prod' AND state = 'active'",
    ] {
        let dir = victim.after(&format!("UPDATE keys SET {change}"));
        let store = victim.in_use(dir.path()).unwrap();
        let said = tampered(store.load(&name("a.prod")));
        assert!(said.starts_with("key `") && said.contains("ring `a.prod`"), "{change}: {said}");
        let ring = victim.bench.load("a.prod");
        let key = crate::bench::key(ES256);
        let commit = crate::bench::command_on(&store, &ring, &forced(), &key);
        assert_eq!(code(commit), "store_tampered", "{change}");
        assert!(!store.verify().unwrap().is_sound(), "{change}");
        assert!(store.load(&name("b.prod")).is_ok(), "the other ring is untouched");
    }
}

#[test]
fn keys_added_removed_moved_or_put_back_are_refused() {
    let victim = Victim::new();
    for (change, about) in [
        ("DELETE FROM keys WHERE ring = 'a.prod' AND state = 'retiring'", "the keys of ring"),
        (
            "DELETE FROM secrets WHERE kid = (SELECT kid FROM keys WHERE ring = 'a.prod' AND state = 'active')",
            "the keys of ring",
        ),
        (
            "UPDATE secrets SET blind = x'00' WHERE kid = (SELECT kid FROM keys WHERE ring = 'a.prod' AND state = 'active')",
            "the keys of ring",
        ),
        (
            "UPDATE keys SET ring = 'a.prod', state = 'retiring' WHERE ring = 'b.prod' AND state = 'active'",
            "key `",
        ),
    ] {
        let dir = victim.after(change);
        let store = victim.in_use(dir.path()).unwrap();
        let said = tampered(store.load(&name("a.prod")));
        assert!(said.starts_with(about), "{change}: {said}");
    }
}

#[test]
fn a_revoked_key_whose_older_row_is_put_back_is_refused() {
    let victim = Victim::new();
    let ring = victim.bench.load("a.prod");
    let kid = ring.past()[0].kid.clone();
    let revoke = Command::Revoke { kid: kid.clone(), reason: Some("leaked".into()) };
    victim.bench.command(&ring, &revoke).unwrap();
    let dir = tempfile::tempdir().unwrap();
    copy_files(victim.bench.dir.as_ref().unwrap().path(), dir.path());
    raw(dir.path())
        .execute_batch(&format!(
            "ATTACH '{}' AS was;
             DELETE FROM keys WHERE kid = '{kid}';
             INSERT INTO keys SELECT * FROM was.keys WHERE kid = '{kid}'",
            victim.original.path().join(DATABASE_FILE).display(),
        ))
        .unwrap();
    let said = tampered(victim.in_use(dir.path()).unwrap().load(&name("a.prod")));
    assert!(said.starts_with("the keys of ring `a.prod`"), "{said}");
    assert!(said.contains("older form"), "{said}");
}

#[test]
fn every_column_of_every_ring_is_watched() {
    let victim = Victim::new();
    for change in [
        "epoch = epoch + 1",
        "revision = 999",
        "created_at = 0",
        "next_due = 253402207200000",
        "algorithm = 'HS256'",
        "active = 'other'",
        "policy = replace(policy, '15m', '150m')",
        "keys_digest = x'00'",
        "mac = x'00'",
        "mac = (SELECT mac FROM rings WHERE name = 'b.prod')",
    ] {
        let sql = format!("UPDATE rings SET {change} WHERE name = 'a.prod'");
        let said = victim.refused_at_start(&sql);
        assert!(said.starts_with("the metadata of ring `a.prod`"), "{change}: {said}");
        let dir = victim.after(&sql);
        let store = victim.in_use(dir.path()).unwrap();
        tampered(store.load(&name("a.prod")));
        tampered(store.list(None, 10));
        let told = store.due(at("2026-01-01T00:00:00Z"), 10).unwrap();
        assert!(told.contains(&name("a.prod")), "{change}: whoever turns rings hears of it");
    }
}

#[test]
fn ring_rows_swapped_renamed_removed_or_invented_are_refused() {
    let victim = Victim::new();
    for (change, about) in [
        (
            "UPDATE rings SET name = 'c.prod' WHERE name = 'a.prod';
             UPDATE rings SET name = 'a.prod' WHERE name = 'b.prod';
             UPDATE rings SET name = 'b.prod' WHERE name = 'c.prod'",
            "the metadata of ring",
        ),
        ("UPDATE rings SET name = 'z.prod' WHERE name = 'a.prod'", "the metadata of ring `z.prod`"),
        ("DELETE FROM rings WHERE name = 'a.prod'", "the set of rings"),
        ("DELETE FROM rings WHERE name = 'gone.prod'", "the set of rings"),
        (
            "UPDATE rings SET name = 'new\nline' WHERE name = 'a.prod'",
            "the metadata of ring `new\\nline`",
        ),
        ("UPDATE rings SET epoch = 1 WHERE name = 'gone.prod'", "the metadata of ring `gone.prod`"),
    ] {
        let said = victim.refused_at_start(change);
        assert!(said.starts_with(about), "{change}: {said}");
    }
}

#[test]
fn a_ring_put_back_whole_in_an_older_form_is_refused() {
    let victim = Victim::new();
    let old = victim.original.path().join(DATABASE_FILE);
    let ring = victim.bench.load("a.prod");
    victim.bench.rotate(&ring);
    let dir = tempfile::tempdir().unwrap();
    copy_files(victim.bench.dir.as_ref().unwrap().path(), dir.path());
    let store = victim.in_use(dir.path()).unwrap();
    raw(dir.path())
        .execute_batch(&format!(
            "ATTACH '{}' AS was;
             DELETE FROM secrets WHERE kid IN (SELECT kid FROM keys WHERE ring = 'a.prod');
             DELETE FROM keys WHERE ring = 'a.prod';
             DELETE FROM rings WHERE name = 'a.prod';
             INSERT INTO rings SELECT * FROM was.rings WHERE name = 'a.prod';
             INSERT INTO keys SELECT * FROM was.keys WHERE ring = 'a.prod';
             INSERT INTO secrets SELECT s.* FROM was.secrets s JOIN was.keys USING (kid) WHERE ring = 'a.prod';",
            old.display()
        ))
        .unwrap();
    let said = tampered(store.load(&name("a.prod")));
    assert!(said.contains("an older copy was put in its place"), "{said}");
    assert!(store.due(at("2026-01-01T00:00:00Z"), 10).unwrap().contains(&name("a.prod")));
    let error = open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_tampered");
}

#[test]
fn an_access_token_that_was_withdrawn_is_not_let_in_when_its_row_is_put_back() {
    let victim = Victim::new();
    assert_eq!(victim.bench.store.end_access("reader", &actor()).unwrap(), 1);
    let dir = tempfile::tempdir().unwrap();
    copy_files(victim.bench.dir.as_ref().unwrap().path(), dir.path());
    let store = victim.in_use(dir.path()).unwrap();
    assert_eq!(store.find_access(&TOKEN).unwrap(), None);
    raw(dir.path())
        .execute_batch(&format!(
            "ATTACH '{}' AS was; INSERT INTO access SELECT * FROM was.access",
            victim.original.path().join(DATABASE_FILE).display(),
        ))
        .unwrap();
    let said = tampered(store.find_access(&TOKEN));
    assert!(said.starts_with("the set of access tokens"), "{said}");
    assert!(said.ends_with("1 were added to the 0"), "{said}");
    assert!(!store.verify().unwrap().is_sound());
}

#[test]
fn an_older_copy_of_the_whole_database_is_refused_by_whoever_saw_the_newer_one() {
    let victim = Victim::new();
    let dir = victim.after("");
    let store = victim.in_use(dir.path()).unwrap();
    let ring = store.load(&name("a.prod")).unwrap().ring;
    let older =
        raw(dir.path()).query_row("SELECT value FROM meta WHERE name = 'head'", [], |row| {
            row.get::<_, Vec<u8>>(0)
        });
    crate::bench::command_on(&store, &ring, &forced(), &crate::bench::key(ES256)).unwrap();
    raw(dir.path())
        .execute("UPDATE meta SET value = ?1 WHERE name = 'head'", [older.unwrap()])
        .unwrap();
    let said = tampered(store.load(&name("a.prod")));
    assert!(said.starts_with("the store was changed"), "{said}");
    tampered(store.changed_since(Revision(0)));
    let reopened = open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore);
    assert_eq!(reopened.err().unwrap().code(), "store_tampered");
}

#[test]
fn what_the_store_is_recognised_by_and_its_head_are_watched() {
    let victim = Victim::new();
    for (change, about) in [
        ("UPDATE meta SET value = x'00' WHERE name = 'wrap'", "the identity of the store"),
        ("UPDATE meta SET value = x'00' WHERE name = 'store_id'", "the identity of the store"),
        ("UPDATE meta SET value = x'00' WHERE name = 'identity'", "the identity of the store"),
        ("DELETE FROM meta WHERE name = 'head'", "the head of the store"),
        (
            "UPDATE meta SET value = zeroblob(length(value)) WHERE name = 'head'",
            "the head of the store",
        ),
    ] {
        let said = victim.refused_at_start(change);
        assert!(said.starts_with(about), "{change}: {said}");
    }
}

#[test]
fn an_access_token_cannot_be_given_more_or_moved() {
    let victim = Victim::new();
    for change in [
        "UPDATE access SET permissions = '[\"admin\"]'",
        "UPDATE access SET rings = '[\"*\"]'",
        "UPDATE access SET subject = 'somebody'",
        "UPDATE access SET expires_at = NULL",
        "UPDATE access SET created_at = 0",
        "UPDATE access SET mac = x'00'",
    ] {
        let said = victim.refused_at_start(change);
        assert!(said.starts_with("the access token of"), "{change}: {said}");
        let dir = victim.after(change);
        let store = victim.in_use(dir.path()).unwrap();
        tampered(store.find_access(&TOKEN));
    }
    let hash = "x'0000000000000000000000000000000000000000000000000000000000000000'";
    let dir = victim.after(&format!("UPDATE access SET hash = {hash}"));
    tampered(victim.in_use(dir.path()).unwrap().find_access(&AccessTokenHash([0; 32])));
    let said = victim.refused_at_start("DELETE FROM access");
    assert!(
        said.contains("the set of access tokens was changed outside Keytide: 1 of 1 were removed"),
        "{said}"
    );
}

#[test]
fn a_target_that_was_moved_renamed_or_swapped_is_refused() {
    let bench = Bench::sqlite();
    for ring in ["a.prod", "b.prod"] {
        let ring = bench.create(ring, ES256);
        for target in ["one", "two"] {
            let target = KeptTarget {
                name: target.parse().unwrap(),
                ring: ring.name().clone(),
                settings: Secret::new(b"{}".to_vec()),
                shown: serde_json::Map::new(),
                created_at: bench.store.now().unwrap(),
                version: 1,
                standing: serde_json::Value::Null,
            };
            bench.store.put_target(&target, &actor()).unwrap();
        }
    }
    assert_eq!(bench.store.targets().unwrap().len(), 4);
    for change in [
        "UPDATE targets SET ring = 'c.prod' WHERE ring = 'a.prod' AND name = 'one'",
        "UPDATE targets SET name = 'three' WHERE ring = 'a.prod' AND name = 'one'",
        "UPDATE targets SET sealed = (SELECT sealed FROM targets WHERE ring = 'b.prod' AND name = 'one')
         WHERE ring = 'a.prod' AND name = 'one'",
        "UPDATE targets SET sealed = x'00'",
    ] {
        let copy = tempfile::tempdir().unwrap();
        copy_files(bench.dir.as_ref().unwrap().path(), copy.path());
        raw(copy.path()).execute_batch(change).unwrap();
        let options = options(&bench.clock).census(false);
        let store = SqliteStore::open(copy.path(), options).unwrap().store;
        let said = tampered(store.targets());
        assert!(said.starts_with("the target `"), "{change}: {said}");
        if !change.contains("'c.prod'") {
            tampered(store.targets_of(&"a.prod".parse().unwrap()));
        }
    }
}

#[test]
fn the_audit_log_tells_an_edit_a_gap_another_order_and_a_cut() {
    let victim = Victim::new();
    let sound = victim.in_use(victim.after("").path()).unwrap().verify_audit().unwrap();
    let last = sound.records;
    assert_eq!((sound.broken, last > 8), (None, true));
    let cases = [
        (
            "UPDATE audit SET body = replace(body, 'tester', 'nobody') WHERE seq = 3",
            3,
            "its text does not fit its hash",
        ),
        ("UPDATE audit SET hash = x'00' WHERE seq = 3", 3, "its text does not fit its hash"),
        ("UPDATE audit SET mac = x'00' WHERE seq = 3", 3, "it was not written by Keytide"),
        ("UPDATE audit SET ring = 'b.prod' WHERE seq = 3", 3, "it was not written by Keytide"),
        ("UPDATE audit SET epoch = NULL WHERE seq = 3", 3, "it was not written by Keytide"),
        ("DELETE FROM audit WHERE seq = 3", 3, "it is missing"),
        ("DELETE FROM audit WHERE seq = 1", 1, "it is missing"),
        (
            "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3",
            3,
            "it was not written by Keytide, or not for this place",
        ),
        (
            "UPDATE audit SET seq = 999 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
             UPDATE audit SET seq = 4 WHERE seq = 999",
            3,
            "not for this place",
        ),
        ("UPDATE audit SET seq = 0 WHERE seq = 3", 1, "stands before it"),
        (
            "INSERT INTO audit SELECT seq + 100, ring, epoch, body, hash, mac FROM audit WHERE seq = 3",
            last + 1,
            "it is missing",
        ),
    ];
    for (change, seq, what) in cases {
        let dir = victim.after(change);
        let store = victim.in_use(dir.path()).unwrap();
        let broken = store.verify_audit().unwrap().broken.expect(change);
        assert_eq!(broken.seq, seq, "{change}: {}", broken.what);
        assert!(broken.what.contains(what), "{change}: {}", broken.what);
        if seq <= 3 && !change.contains("seq = 0") {
            tampered(store.audit(0, 100));
            tampered(store.audit(seq - 1, 1));
        }
    }
    for cut in 1..=last {
        let dir = victim.after(&format!("DELETE FROM audit WHERE seq >= {cut}"));
        let store = victim.in_use(dir.path()).unwrap();
        let broken = store.verify_audit().unwrap().broken.unwrap();
        assert_eq!(broken.seq, cut);
        assert!(broken.what.contains("cut off"), "{}", broken.what);
        tampered(store.audit(0, 100));
    }
}

#[test]
fn a_hash_chain_computed_anew_is_noticed() {
    let victim = Victim::new();
    let dir = victim.after("");
    let raw = raw(dir.path());
    let mut query = raw.prepare("SELECT seq, body FROM audit ORDER BY seq").unwrap();
    let rows: Vec<(i64, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut previous = String::new();
    for (seq, body) in rows {
        let mut members: std::collections::BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&body.replace("tester", "nobody")).unwrap();
        members.insert("previous".into(), previous.clone().into());
        let body = serde_json::to_string(&members).unwrap();
        let hash = keytide_jose::digest::sha256(body.as_bytes());
        previous = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        raw.execute(
            "UPDATE audit SET body = ?2, hash = ?3 WHERE seq = ?1",
            rusqlite::params![seq, body, hash],
        )
        .unwrap();
    }
    let report = victim.in_use(dir.path()).unwrap().verify_audit().unwrap();
    let broken = report.broken.unwrap();
    assert!(broken.what.contains("not written by Keytide"), "{}", broken.what);
}

#[test]
fn tables_that_were_altered_are_refused() {
    let victim = Victim::new();
    for change in [
        "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit WHERE seq = 1; END",
        "DROP INDEX keys_one_active",
        "CREATE TABLE stolen (sealed BLOB)",
        "ALTER TABLE keys ADD COLUMN note TEXT",
    ] {
        let said = victim.refused_at_start(change);
        assert!(said.starts_with("the tables of the database"), "{change}: {said}");
    }
    let said = victim.refused_at_start("PRAGMA user_version = 0");
    assert!(said.starts_with("the database file"), "{said}");
}

#[test]
fn a_database_file_cut_off_anywhere_is_refused() {
    let victim = Victim::new();
    let dir = victim.after("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    let path = dir.path().join(DATABASE_FILE);
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(1_024) {
        fs::write(&path, &whole[..length]).unwrap();
        let opened = match open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore) {
            Ok(opened) => opened,
            Err(error) => {
                assert_eq!(error.code(), "store_tampered", "cut to {length} of {}", whole.len());
                continue;
            }
        };
        // The end of the last page is read only by whoever looks the store through.
        let sound = opened.store.verify().is_ok_and(|report| report.is_sound());
        let nothing_lost = whole[length..].iter().all(|byte| *byte == 0);
        assert_eq!(sound, nothing_lost, "cut to {length} of {}", whole.len());
    }
    fs::write(
        &path,
        "this is no database, but a text that is long enough to look like one ".repeat(99),
    )
    .unwrap();
    let error = open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_tampered");
}

#[test]
fn no_byte_of_the_database_can_be_changed_so_that_another_ring_is_loaded() {
    let victim = Victim::new();
    let dir = victim.after("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    let path = dir.path().join(DATABASE_FILE);
    let whole = fs::read(&path).unwrap();
    let rings = ["a.prod", "b.prod"].map(|text| victim.bench.load(text));
    // A step that is prime to the page size comes by every kind of place in a page.
    for at in (0..whole.len()).step_by(509) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x41;
        fs::write(&path, &flipped).unwrap();
        let Ok(opened) = open(dir.path(), &victim.bench.clock, MasterKeySource::BesideStore) else {
            continue;
        };
        for ring in &rings {
            match opened.store.load(ring.name()) {
                Ok(stored) => assert_eq!(stored.ring, *ring, "byte {at}"),
                Err(error) => assert!(matches!(error, Error::Store(_)), "byte {at}: {error}"),
            }
        }
        let _report = opened.store.verify();
    }
}
