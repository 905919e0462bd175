//! An older database put back: noticed by the anchor, read, not signed with, and recovered.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keytide_jose::Algorithm::{ES256, HS256};
use keytide_jose::SystemRng;
use keytide_ring::{
    AccessToken, AccessTokenHash, Clock, Command, Keeper, KeeperConfig, KnownOutside, Permission,
    Revision, RingPattern, RingStore, SignRequest, State, VerifyRequest, When,
};
use keytide_store::{ANCHOR_FILE, DATABASE_FILE, MasterKeySource, Opened, SqliteStore};

use crate::bench::{Bench, actor, code, forced, name, open, options};
use crate::sqlite::copy_files;

const REASON: &str = "the disk died";

fn dir(bench: &Bench) -> &Path {
    bench.dir.as_ref().unwrap().path()
}

fn image(bench: &Bench) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_files(dir(bench), copy.path());
    copy
}

/// A copy of the newer directory with the older one's database in it.
fn rolled_back(newer: &Path, older: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_files(newer, copy.path());
    for file in ["keytide.db", "keytide.db-wal", "keytide.db-shm"] {
        let _perhaps = fs::remove_file(copy.path().join(file));
        if older.join(file).exists() {
            fs::copy(older.join(file), copy.path().join(file)).unwrap();
        }
    }
    copy
}

fn reopened(bench: &Bench, dir: &Path) -> Opened {
    open(dir, &bench.clock, MasterKeySource::BesideStore).unwrap()
}

fn keeper(bench: &Bench, store: SqliteStore) -> Keeper {
    let clock = Arc::clone(&bench.clock) as Arc<dyn Clock>;
    let rng = Box::new(|| -> Box<dyn keytide_jose::Rng> { Box::new(SystemRng) });
    Keeper::new(KeeperConfig { store: Arc::new(store), clock, rng }).unwrap()
}

#[test]
fn an_older_database_is_read_and_verified_with_and_neither_signed_with_nor_changed() {
    let bench = Bench::sqlite();
    bench.create("a.b", ES256);
    let older = image(&bench);
    let token = keeper(&bench, reopened(&bench, older.path()).store)
        .sign(&name("a.b"), SignRequest::default())
        .unwrap()
        .token;
    bench.create("c.d", ES256);
    let put_back = rolled_back(dir(&bench), older.path());
    let Opened { store, behind, .. } = reopened(&bench, put_back.path());
    let behind = behind.unwrap();
    assert!(
        matches!(behind.known, KnownOutside::Newer { generation, .. } if generation == behind.generation + 1)
    );
    let said = behind.to_string();
    assert!(said.contains("an older copy was put in its place"), "{said}");

    let keeper = keeper(&bench, store);
    let ring = name("a.b");
    assert_eq!(code(keeper.sign(&ring, SignRequest::default())), "store_behind");
    assert_eq!(code(keeper.command(&ring, forced(), &actor())), "store_behind");
    assert_eq!(code(keeper.destroy(&ring, &actor(), None)), "store_behind");
    let request = VerifyRequest { token, ..VerifyRequest::default() };
    assert!(keeper.verify(&ring, &request).is_ok());
    assert!(keeper.published(&ring).is_ok());
    assert!(keeper.turn().unwrap().is_empty());
    keeper.refresh().unwrap();
}

#[test]
fn a_store_that_runs_notices_a_newer_anchor_and_a_lost_one_and_goes_on_when_it_is_back() {
    let bench = Bench::sqlite();
    bench.create("a.b", ES256);
    let keeper = keeper(&bench, reopened(&bench, dir(&bench)).store);
    let ring = name("a.b");
    keeper.sign(&ring, SignRequest::default()).unwrap();
    let anchor = dir(&bench).join(ANCHOR_FILE);
    let kept = fs::read(&anchor).unwrap();
    for lost in [None, Some(vec![0; kept.len()]), Some(Vec::new())] {
        match lost {
            None => fs::remove_file(&anchor).unwrap(),
            Some(bytes) => fs::write(&anchor, bytes).unwrap(),
        }
        keeper.refresh().unwrap();
        assert_eq!(code(keeper.sign(&ring, SignRequest::default())), "store_behind");
        assert_eq!(code(keeper.command(&ring, forced(), &actor())), "store_behind");
        fs::write(&anchor, &kept).unwrap();
        keeper.refresh().unwrap();
        // What was read before is not signed with; what is read now is.
        assert_eq!(code(keeper.sign(&ring, SignRequest::default())), "store_behind");
        keeper.command(&ring, Command::Turn, &actor()).unwrap();
        keeper.sign(&ring, SignRequest::default()).unwrap();
    }
}

#[test]
fn an_accepted_database_has_higher_epochs_and_what_was_revoked_or_destroyed_later_is_so_again() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    bench.create("gone.d", HS256);
    bench.create("kept.d", HS256);
    let older = image(&bench);
    let active = ring.active().kid.clone();
    let standby = ring.standby().kid.clone();
    let revoke = Command::Revoke { kid: active.clone(), reason: Some("leaked".into()) };
    let mut newest = bench.command(&ring, &revoke).unwrap().ring;
    bench.store.destroy(&name("gone.d"), &actor(), None).unwrap();
    for _ in 0..5 {
        newest = bench.rotate(&newest).ring;
    }
    let (revision, _) = bench.store.changed_since(Revision(0)).unwrap();
    let put_back = rolled_back(dir(&bench), older.path());
    let Opened { store, behind, .. } = reopened(&bench, put_back.path());
    assert!(behind.is_some());
    // What was revoked or destroyed is not used before either; the rest is.
    for (ring, expected) in
        [("a.b", "store_behind"), ("gone.d", "store_behind"), ("kept.d", "done")]
    {
        assert_eq!(code(store.load(&name(ring))), expected);
    }
    assert_eq!(code(store.accept_epoch(" ", &actor())), "reason_required");
    let accepted = store.accept_epoch(REASON, &actor()).unwrap().unwrap();
    assert_eq!(accepted.anchor_generation, Some(accepted.from_generation + 7));
    assert_eq!(accepted.raised_by, 8);
    assert_eq!(accepted.revoked, std::slice::from_ref(&active));
    assert_eq!(accepted.destroyed, [name("gone.d")]);
    assert!(accepted.later_changes_known);
    let after = store.load(&name("a.b")).unwrap().ring;
    assert!(after.epoch() > newest.epoch(), "{} {}", after.epoch(), newest.epoch());
    assert!(matches!(after.key(&active).unwrap().state, State::Revoked { .. }));
    assert_eq!(after.active().kid, standby);
    assert_eq!(code(store.load(&name("gone.d"))), "ring_not_found");
    assert!(store.changed_since(Revision(0)).unwrap().0 > revision);
    assert!(store.verify().unwrap().is_sound());
    assert!(store.accept_epoch(REASON, &actor()).unwrap().is_none());
    drop(store);
    let Opened { store, behind, .. } = reopened(&bench, put_back.path());
    assert!(behind.is_none());
    keeper(&bench, store).sign(&name("a.b"), SignRequest::default()).unwrap();
}

#[test]
fn an_access_token_that_was_withdrawn_later_is_not_let_in_by_an_older_database() {
    let bench = Bench::sqlite();
    let token = |byte: u8, subject: &str| AccessToken {
        hash: AccessTokenHash([byte; 32]),
        subject: subject.into(),
        permissions: vec![Permission::Sign],
        rings: vec![RingPattern::all()],
        created_at: bench.clock.now(),
        expires_at: None,
    };
    let (reader, other) = (token(1, "reader"), token(2, "other"));
    for token in [&reader, &other] {
        bench.store.put_access(token, &actor()).unwrap();
    }
    let older = image(&bench);
    assert_eq!(bench.store.end_access("reader", &actor()).unwrap(), 1);
    let again = token(3, "reader");
    bench.store.put_access(&again, &actor()).unwrap();
    let newer = image(&bench);
    bench.create("a.b", HS256);
    for (database, known) in
        [(older.path(), [false, true, false]), (newer.path(), [false, true, true])]
    {
        let put_back = rolled_back(dir(&bench), database);
        let Opened { store, behind, .. } = reopened(&bench, put_back.path());
        assert!(behind.is_some());
        let found = || {
            [&reader, &other, &again].map(|token| store.find_access(&token.hash).unwrap().is_some())
        };
        assert_eq!(found(), known);
        store.accept_epoch(REASON, &actor()).unwrap().unwrap();
        assert_eq!(found(), known);
        assert!(store.verify().unwrap().is_sound());
    }
}

#[test]
fn a_published_key_counts_as_published_when_its_database_is_accepted() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    let older = image(&bench);
    bench.rotate(&ring);
    bench.pass("30d");
    let put_back = rolled_back(dir(&bench), older.path());
    let store = reopened(&bench, put_back.path()).store;
    store.accept_epoch(REASON, &actor()).unwrap().unwrap();
    let after = store.load(&name("a.b")).unwrap().ring;
    assert_eq!(after.standby().published_at, store.now().unwrap());
    let activate = Command::Activate { kid: None, when: When::IfSafe, reason: None };
    let key = crate::bench::key(ES256);
    let early = crate::bench::command_on(&store, &after, &activate, &key);
    assert_eq!(code(early), "activation_too_early");
}

#[test]
fn a_lost_or_damaged_anchor_is_noticed_and_accepting_says_that_nothing_later_is_known() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    let kid = ring.past().first().map(|key| key.kid.clone());
    assert!(kid.is_none());
    let revoke = Command::Revoke { kid: ring.active().kid.clone(), reason: None };
    let ring = bench.command(&ring, &revoke).unwrap().ring;
    for damage in [None, Some(&b"nonsense"[..])] {
        let copy = image(&bench);
        let anchor = copy.path().join(ANCHOR_FILE);
        match damage {
            None => fs::remove_file(&anchor).unwrap(),
            Some(bytes) => fs::write(&anchor, bytes).unwrap(),
        }
        let Opened { store, behind, .. } = reopened(&bench, copy.path());
        let known = behind.unwrap().known;
        match damage {
            None => assert_eq!(known, KnownOutside::Missing),
            Some(_) => assert!(matches!(known, KnownOutside::Unusable { .. })),
        }
        let accepted = store.accept_epoch(REASON, &actor()).unwrap().unwrap();
        assert!(!accepted.later_changes_known && accepted.anchor_generation.is_none());
        let after = store.load(&name("a.b")).unwrap().ring;
        assert!(after.epoch().get() > ring.epoch().get() + 1_000_000);
        assert!(after.epoch().get() < 1 << 53);
        assert!(store.verify().unwrap().is_sound());
        drop(store);
        assert!(reopened(&bench, copy.path()).behind.is_none());
        // The anchor made anew knows what was revoked before.
        let put_back = rolled_back(copy.path(), dir(&bench));
        let store = reopened(&bench, put_back.path()).store;
        assert!(store.accept_epoch(REASON, &actor()).unwrap().unwrap().later_changes_known);
    }
}

#[test]
fn an_anchor_that_a_crash_left_behind_its_database_is_brought_up_with_what_it_missed() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", ES256);
    bench.create("gone.d", HS256);
    let older = image(&bench);
    let revoke = Command::Revoke { kid: ring.active().kid.clone(), reason: None };
    bench.command(&ring, &revoke).unwrap();
    bench.store.destroy(&name("gone.d"), &actor(), None).unwrap();
    // The commits are there, and the anchor is as it was before them.
    let crashed = image(&bench);
    fs::copy(older.path().join(ANCHOR_FILE), crashed.path().join(ANCHOR_FILE)).unwrap();
    assert!(reopened(&bench, crashed.path()).behind.is_none());
    let put_back = rolled_back(crashed.path(), older.path());
    let Opened { store, behind, .. } = reopened(&bench, put_back.path());
    assert!(behind.is_some());
    let accepted = store.accept_epoch(REASON, &actor()).unwrap().unwrap();
    assert_eq!(accepted.revoked, [ring.active().kid.clone()]);
    assert_eq!(accepted.destroyed, [name("gone.d")]);
}

#[test]
fn a_database_that_went_another_way_is_not_taken_for_the_anchors_own() {
    let bench = Bench::sqlite();
    bench.create("a.b", ES256);
    let fork = image(&bench);
    bench.create("c.d", ES256);
    let other = reopened(&bench, fork.path()).store;
    let bench_of_fork =
        Bench { store: Arc::new(other), clock: Arc::clone(&bench.clock), dir: None };
    for ring in ["e.f", "g.h"] {
        bench_of_fork.create(ring, ES256);
        // As far as the anchor, and further.
        let mixed = rolled_back(dir(&bench), fork.path());
        let behind = reopened(&bench, mixed.path()).behind.unwrap();
        assert!(behind.to_string().contains("another history"), "{behind}");
    }
}

#[test]
fn an_anchor_can_be_kept_elsewhere_and_a_store_whose_database_is_gone_is_not_made_anew() {
    let bench = Bench::sqlite();
    let store_dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("anchor");
    let opened = || {
        SqliteStore::open(
            store_dir.path(),
            options(&bench.clock).anchor(Some(path.clone())).create(true),
        )
    };
    drop(opened().unwrap());
    assert!(path.exists() && !store_dir.path().join(ANCHOR_FILE).exists());
    assert!(opened().unwrap().behind.is_none());
    fs::remove_file(store_dir.path().join(DATABASE_FILE)).unwrap();
    let error = opened().err().unwrap();
    assert_eq!(error.code(), "store_tampered");
    assert!(error.to_string().contains("its anchor is still there"), "{error}");
    assert!(!store_dir.path().join(DATABASE_FILE).exists());
}
