//! Backups: made while others write, whole or not there, and put back so that nothing newer is lost unnoticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keytide_jose::Algorithm::{ES256, HS256};
use keytide_ring::{CheckIn, Clock, Command, RingStore, State};
use keytide_store::{
    ANCHOR_FILE, BackupReport, DATABASE_FILE, MASTER_KEY_FILE, MasterKeySource, OpenError,
    RestoreTerms, Restored, SqliteStore, restore, verify_backup,
};

use crate::bench::{Bench, actor, clock, code, name, open, options};

const REASON: &str = "the disk died";
const ACCEPT: RestoreTerms<'_> = RestoreTerms { replace: false, accept: Some(REASON) };
const REPLACE: RestoreTerms<'_> = RestoreTerms { replace: true, accept: None };

/// A store of this test's own and a place for its backups.
struct Scene {
    dir: tempfile::TempDir,
    backups: tempfile::TempDir,
    bench: Bench,
}

impl Scene {
    fn new() -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let store = open(dir.path(), &clock, MasterKeySource::BesideStore).unwrap().store;
        let bench = Bench { store: Arc::new(store), clock, dir: None };
        Self { dir, backups: tempfile::tempdir().unwrap(), bench }
    }

    fn store(&self) -> SqliteStore {
        open(self.dir.path(), &self.bench.clock, MasterKeySource::BesideStore).unwrap().store
    }

    fn path(&self, name: &str) -> PathBuf {
        self.backups.path().join(name)
    }

    fn backup(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        self.store().backup(&path, &actor(), &mut |_, _| ()).unwrap();
        path
    }

    /// Nobody has the store open any more.
    fn close(self) -> Closed {
        let Self { dir, backups, bench } = self;
        Closed { dir, backups, clock: bench.clock }
    }
}

struct Closed {
    dir: tempfile::TempDir,
    backups: tempfile::TempDir,
    clock: Arc<keytide_ring::ManualClock>,
}

impl Closed {
    fn restore(&self, file: &Path, terms: RestoreTerms<'_>) -> Result<Restored, OpenError> {
        restore(file, self.dir.path(), options(&self.clock), terms, &mut |_, _| ())
    }

    fn reopen(&self) -> SqliteStore {
        let opened = open(self.dir.path(), &self.clock, MasterKeySource::BesideStore).unwrap();
        assert!(opened.behind.is_none());
        opened.store
    }
}

fn empty_with_key(of: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(of.join(MASTER_KEY_FILE), dir.path().join(MASTER_KEY_FILE)).unwrap();
    dir
}

#[test]
fn a_backup_and_the_master_key_are_enough_to_have_the_store_again() {
    let scene = Scene::new();
    let ring = scene.bench.create("a.b", ES256);
    scene.bench.rotate(&ring);
    scene.bench.create("c.d", HS256);
    let file = scene.backup("one");
    let before: Vec<_> = ["a.b", "c.d"].map(|ring| scene.bench.load(ring)).into();
    let elsewhere = empty_with_key(scene.dir.path());
    let again =
        || restore(&file, elsewhere.path(), options(&scene.bench.clock), ACCEPT, &mut |_, _| ());
    let restored = again().unwrap();
    let accepted = restored.accepted.unwrap();
    assert!(!accepted.later_changes_known, "its anchor is lost with the rest");
    let store = open(elsewhere.path(), &scene.bench.clock, MasterKeySource::BesideStore).unwrap();
    assert!(store.behind.is_none());
    for ring in before {
        let after = store.store.load(ring.name()).unwrap();
        assert_eq!(after.ring.active(), ring.active());
        assert!(after.ring.epoch() > ring.epoch());
    }
    assert!(store.store.verify().unwrap().is_sound());
    assert_eq!(again().unwrap_err().code(), "store_exists");
}

#[test]
fn a_backup_has_the_state_of_one_moment_however_many_write_meanwhile() {
    let scene = Scene::new();
    for ring in 0..8 {
        scene.bench.create(&format!("r{ring}.test"), HS256);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer: Arc<dyn RingStore> = Arc::new(scene.store());
        let (bench, done) = (&scene.bench, &done);
        scope.spawn(move || {
            for round in 0.. {
                let ring = name(&format!("s{round}.test"));
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let bench = Bench {
                    store: Arc::clone(&writer),
                    clock: Arc::clone(&bench.clock),
                    dir: None,
                };
                bench.create(ring.as_str(), HS256);
                writer.destroy(&ring, &actor(), None).unwrap();
            }
        });
        for round in 0..10 {
            let file = scene.backup(&format!("backup-{round}"));
            let checked =
                verify_backup(&file, scene.dir.path(), options(&scene.bench.clock), &mut |_, _| ());
            assert!(checked.unwrap().rows > 20);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn nothing_of_a_backup_is_readable_but_its_header_and_only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    scene.bench.create("billing.production", ES256);
    let file = scene.backup("one");
    let bytes = fs::read(&file).unwrap();
    for word in ["billing", "tester", "ES256"] {
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "{word}");
    }
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(scene.backups.path()).unwrap().count(), 1);
    let error = scene.store().backup(&file, &actor(), &mut |_, _| ()).unwrap_err();
    assert_eq!(error.code(), "store_file_failed");
    assert!(fs::read(&file).unwrap() == bytes, "the one that is there was left alone");
}

#[test]
fn two_backups_to_one_name_leave_one_that_is_whole_and_nothing_of_anybody_else_is_removed() {
    let scene = Scene::new();
    scene.bench.create("a.b", ES256);
    let (path, foreign) = (scene.path("one"), scene.path("one.new"));
    fs::write(&foreign, "the user's own").unwrap();
    let other = scene.store();
    let mut within = None;
    let outer = scene.store().backup(&path, &actor(), &mut |_, _| {
        within.get_or_insert_with(|| other.backup(&path, &actor(), &mut |_, _| ()).unwrap());
    });
    assert_eq!(outer.unwrap_err().code(), "store_file_failed");
    let checked =
        verify_backup(&path, scene.dir.path(), options(&scene.bench.clock), &mut |_, _| ());
    assert_eq!(checked.unwrap(), within.unwrap());
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "the user's own");
    assert_eq!(fs::read_dir(scene.backups.path()).unwrap().count(), 2, "nothing is left over");
}

#[test]
fn a_backup_with_one_bit_changed_or_cut_anywhere_replaces_nothing() {
    let scene = Scene::new();
    let ring = scene.bench.create("a.b", ES256);
    let file = scene.backup("one");
    let whole = fs::read(&file).unwrap();
    let closed = scene.close();
    let spoilt = closed.backups.path().join("spoilt");
    let mut count = 0;
    let mut refused = |bytes: &[u8], what: &str| {
        fs::write(&spoilt, bytes).unwrap();
        count += 1;
        let error = if count % 16 == 0 {
            closed.restore(&spoilt, REPLACE).unwrap_err()
        } else {
            let looked_through =
                verify_backup(&spoilt, closed.dir.path(), options(&closed.clock), &mut |_, _| ());
            looked_through.unwrap_err()
        };
        let expected = ["backup_unusable", "wrong_master_key", "backup_foreign"];
        assert!(expected.contains(&error.code()), "{what}: {error}");
    };
    for at in (0..whole.len()).step_by(97) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        refused(&changed, &format!("byte {at}"));
    }
    for length in (0..whole.len()).step_by(211) {
        refused(&whole[..length], &format!("cut to {length}"));
    }
    refused(&[&whole[..], b"x"].concat(), "a byte more");
    assert_eq!(closed.reopen().load(&name("a.b")).unwrap().ring, ring);
}

#[test]
fn an_older_backup_is_refused_over_a_newer_store_and_revoked_keys_never_return() {
    let scene = Scene::new();
    let ring = scene.bench.create("a.b", ES256);
    let file = scene.backup("old");
    let kid = ring.active().kid.clone();
    let revoke = Command::Revoke { kid: kid.clone(), reason: None };
    let newer = scene.bench.command(&ring, &revoke).unwrap().ring;
    let closed = scene.close();
    assert_eq!(closed.restore(&file, REPLACE).unwrap_err().code(), "store_behind");
    let bare = RestoreTerms { accept: Some(REASON), replace: false };
    assert_eq!(closed.restore(&file, bare).unwrap_err().code(), "store_exists");
    assert_eq!(closed.reopen().load(&name("a.b")).unwrap().ring.epoch(), newer.epoch());
    let accept = RestoreTerms { replace: true, accept: Some(REASON) };
    let accepted = closed.restore(&file, accept).unwrap().accepted.unwrap();
    assert_eq!(accepted.revoked, std::slice::from_ref(&kid));
    let after = closed.reopen().load(&name("a.b")).unwrap().ring;
    assert!(matches!(after.key(&kid).unwrap().state, State::Revoked { .. }));
    assert!(after.epoch() > newer.epoch());
    assert_eq!(closed.restore(&file, REPLACE).unwrap_err().code(), "store_behind");
}

#[test]
fn the_newest_backup_is_put_back_as_it_was_with_nothing_to_accept() {
    let scene = Scene::new();
    let ring = scene.bench.create("a.b", ES256);
    let file = scene.backup("newest");
    let closed = scene.close();
    fs::write(closed.dir.path().join(DATABASE_FILE), b"no database at all").unwrap();
    let restored = closed.restore(&file, REPLACE).unwrap();
    assert_eq!(restored.accepted, None);
    assert_eq!(closed.reopen().load(&name("a.b")).unwrap().ring, ring);
}

#[test]
fn a_backup_brings_back_what_the_instances_of_consumers_acknowledged() {
    let scene = Scene::new();
    let ring = scene.bench.create("a.b", HS256);
    let (consumer, instance) = ("api".to_owned(), "api-1".to_owned());
    let said = CheckIn { consumer, instance, epoch: Some(ring.epoch()) };
    let evidence = scene.store().check_in(ring.name(), &said, &actor()).unwrap().evidence;
    let file = scene.backup("one");
    let closed = scene.close();
    closed.restore(&file, REPLACE).unwrap();
    assert_eq!(closed.reopen().load(ring.name()).unwrap().evidence, evidence);
    assert!(closed.reopen().verify().unwrap().is_sound());
}

#[test]
fn a_store_that_is_in_use_is_not_replaced() {
    let scene = Scene::new();
    scene.bench.create("a.b", ES256);
    let file = scene.backup("one");
    let quick = options(&scene.bench.clock).busy_timeout(std::time::Duration::from_millis(10));
    let error = restore(&file, scene.dir.path(), quick, REPLACE, &mut |_, _| ()).unwrap_err();
    assert_eq!(error.code(), "store_busy");
    scene.bench.create("c.d", ES256);
    assert_eq!(code(scene.bench.store.load(&name("a.b"))), "done");
}

#[test]
fn a_backup_of_before_the_master_key_was_replaced_opens_with_the_old_key_or_over_its_own_store() {
    let scene = Scene::new();
    scene.bench.create("a.b", ES256);
    let old_key = empty_with_key(scene.dir.path());
    let file = scene.backup("before");
    scene.store().replace_master_key_beside(scene.dir.path(), &actor()).unwrap();
    let new_key = empty_with_key(scene.dir.path());
    let into =
        |dir: &Path| restore(&file, dir, options(&scene.bench.clock), ACCEPT, &mut |_, _| ());
    assert_eq!(into(new_key.path()).unwrap_err().code(), "wrong_master_key");
    into(old_key.path()).unwrap();
    let closed = scene.close();
    let accept = RestoreTerms { replace: true, accept: Some(REASON) };
    closed.restore(&file, accept).unwrap();
    closed.reopen().load(&name("a.b")).unwrap();
}

#[test]
fn a_backup_of_another_store_does_not_take_its_place() {
    let (one, other) = (Scene::new(), Scene::new());
    let file = one.backup("one");
    let closed = other.close();
    let error = closed.restore(&file, REPLACE).unwrap_err();
    assert_eq!(error.code(), "backup_foreign");
}

#[test]
fn a_store_that_is_behind_is_backed_up_all_the_same_and_the_progress_comes_to_its_end() {
    let scene = Scene::new();
    scene.bench.create("a.b", ES256);
    fs::remove_file(scene.dir.path().join(ANCHOR_FILE)).unwrap();
    let mut last = (0, 1);
    let mut progress = |done, total| last = (done, total);
    let report: BackupReport =
        scene.store().backup(&scene.path("one"), &actor(), &mut progress).unwrap();
    assert_eq!(last, (report.rows, report.rows));
    assert_eq!(report.made_at, scene.bench.clock.now());
}
