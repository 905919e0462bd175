//! Opening a store: what is made, what is asked for, and what is refused.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Barrier};

use keytide_jose::Algorithm::HS256;
use keytide_ring::{Action, RingStore};
use keytide_store::{DATABASE_FILE, MASTER_KEY_FILE, MasterKey, MasterKeySource, SqliteStore};

use crate::bench::{Bench, at, clock, name, open, options};
use crate::sqlite::copy_files;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_store_is_its_owners_alone_and_says_that_it_made_a_master_key() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("deep/in");
    let opened = open(&dir, &clock(), MasterKeySource::BesideStore).unwrap();
    assert!(opened.created);
    assert_eq!(opened.master_key_created, Some(dir.join(MASTER_KEY_FILE)));
    assert_eq!(mode(&dir), 0o700);
    for file in fs::read_dir(&dir).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let first = opened.store.audit(0, 10).unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].event.action, Action::StoreCreate);
    assert_eq!(first[0].at, at("2026-01-01T00:00:00Z"));
}

#[test]
fn a_store_that_is_there_is_opened_and_nothing_is_made() {
    let bench = Bench::sqlite();
    let ring = bench.create("a.b", HS256);
    let dir = bench.dir.as_ref().unwrap().path();
    let master_key = fs::read(dir.join(MASTER_KEY_FILE)).unwrap();
    let opened = open(dir, &clock(), MasterKeySource::BesideStore).unwrap();
    assert!(!opened.created && opened.master_key_created.is_none());
    assert_eq!(opened.store.load(&name("a.b")).unwrap().ring, ring);
    assert_eq!(fs::read(dir.join(MASTER_KEY_FILE)).unwrap(), master_key);
}

#[test]
fn no_store_is_made_unless_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    for dir in [dir.path(), &absent] {
        let error = SqliteStore::open(dir, options(&clock())).err().unwrap();
        assert_eq!(error.code(), "store_not_found");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_database_without_its_master_key_is_refused_and_no_new_key_is_made() {
    let bench = Bench::sqlite();
    let dir = bench.dir.as_ref().unwrap().path();
    fs::remove_file(dir.join(MASTER_KEY_FILE)).unwrap();
    let error = open(dir, &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "master_key_missing");
    assert!(error.to_string().contains(MASTER_KEY_FILE), "{error}");
    assert!(!dir.join(MASTER_KEY_FILE).exists());
}

#[test]
fn no_new_database_is_put_under_the_log_of_one_that_is_gone() {
    let bench = Bench::sqlite();
    bench.create("a.b", HS256);
    let gone = tempfile::tempdir().unwrap();
    copy_files(bench.dir.as_ref().unwrap().path(), gone.path());
    fs::remove_file(gone.path().join(DATABASE_FILE)).unwrap();
    let error = open(gone.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_tampered");
    assert!(error.to_string().contains("is gone"), "{error}");
    assert!(!gone.path().join(DATABASE_FILE).exists());
}

#[test]
fn a_master_key_that_others_may_read_is_refused() {
    let bench = Bench::sqlite();
    let path = bench.dir.as_ref().unwrap().path().join(MASTER_KEY_FILE);
    for exposed in [0o640, 0o604] {
        fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
        let dir = path.parent().unwrap();
        let error = open(dir, &clock(), MasterKeySource::BesideStore).err().unwrap();
        assert_eq!(error.code(), "master_key_exposed");
        assert!(error.to_string().contains(&format!("{exposed:04o}")), "{error}");
    }
    assert_eq!(MasterKey::from_file(&path).err().unwrap().code(), "master_key_exposed");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(MasterKey::from_file(&path).is_ok(), "a group may share a key that was put elsewhere");
}

#[test]
fn a_master_key_that_another_user_put_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(MASTER_KEY_FILE);
    fs::write(&path, "0123456789abcdef".repeat(4)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    if !give_to_another(&path) {
        return;
    }
    let error = open(dir.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_file_foreign");
    assert!(error.to_string().contains("belongs to user 65534"), "{error}");
    assert!(!dir.path().join(DATABASE_FILE).exists());
}

#[test]
fn a_link_or_a_pipe_in_place_of_the_master_key_or_the_lock_is_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target");
    fs::write(&target, "0123456789abcdef".repeat(4)).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    let nowhere = elsewhere.path().join("nowhere");
    for file in [MASTER_KEY_FILE, "keytide.lock"] {
        for leads_to in [&target, &nowhere] {
            let dir = tempfile::tempdir().unwrap();
            symlink(leads_to, dir.path().join(file)).unwrap();
            let error = open(dir.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
            assert_eq!(error.code(), "store_file_foreign", "{file}: {error}");
            assert!(error.to_string().ends_with("is a link"), "{error}");
            assert!(!nowhere.exists() && !dir.path().join(DATABASE_FILE).exists());
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join(MASTER_KEY_FILE);
    assert!(Command::new("mkfifo").arg("-m600").arg(&pipe).status().unwrap().success());
    let error = open(dir.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_file_foreign");
}

#[test]
fn a_directory_that_others_can_write_or_own_is_refused() {
    for there in [false, true] {
        let bench = Bench::sqlite();
        let empty = tempfile::tempdir().unwrap();
        let dir = if there { bench.dir.as_ref().unwrap().path() } else { empty.path() };
        let refused = || {
            let error = open(dir, &clock(), MasterKeySource::BesideStore).err().unwrap();
            assert_eq!(error.code(), "store_directory_exposed");
            error.to_string()
        };
        for exposed in [0o770, 0o702, 0o777] {
            fs::set_permissions(dir, fs::Permissions::from_mode(exposed)).unwrap();
            assert!(refused().contains(&format!("(mode {exposed:04o})")));
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        if give_to_another(dir) {
            assert!(refused().contains("belongs to user 65534"));
        } else {
            assert!(open(dir, &clock(), MasterKeySource::BesideStore).is_ok());
        }
    }
}

/// Only root can; whoever else runs the tests leaves that part out.
fn give_to_another(path: &Path) -> bool {
    std::os::unix::fs::chown(path, Some(65_534), None).is_ok()
}

#[test]
fn a_given_master_key_stays_where_it_is_and_another_one_is_named_as_wrong() {
    let given = |byte: u8| {
        let mut bytes = [byte; 32];
        bytes[0] = 0;
        MasterKeySource::Given(MasterKey::from_bytes(bytes))
    };
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path(), &clock(), given(1)).unwrap();
    assert!(opened.created && opened.master_key_created.is_none());
    assert!(!dir.path().join(MASTER_KEY_FILE).exists());
    drop(opened);
    assert!(open(dir.path(), &clock(), given(1)).is_ok());
    let error = open(dir.path(), &clock(), given(2)).err().unwrap();
    assert_eq!(error.code(), "wrong_master_key");
    let error = open(dir.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "master_key_missing");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let bench = Bench::sqlite();
    let dir = bench.dir.as_ref().unwrap().path();
    let raw = rusqlite::Connection::open(dir.join(DATABASE_FILE)).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    let error = open(dir, &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "store_too_new");
    assert!(error.to_string().contains("99"), "{error}");
}

#[test]
fn of_those_who_start_at_once_one_makes_the_store_and_all_open_it() {
    const THREADS: usize = 4;
    let dir = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(THREADS);
    let opened: Vec<_> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    open(dir.path(), &clock(), MasterKeySource::BesideStore).unwrap()
                })
            })
            .collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).collect()
    });
    assert_eq!(opened.iter().filter(|opened| opened.created).count(), 1);
    let keys = opened.iter().filter(|opened| opened.master_key_created.is_some());
    assert_eq!(keys.count(), 1);
    let mut stores = opened.into_iter().map(|opened| Arc::new(opened.store));
    let bench = Bench { store: stores.next().unwrap(), clock: clock(), dir: None };
    let ring = bench.create("a.b", HS256);
    for store in stores {
        assert_eq!(store.load(&name("a.b")).unwrap().ring, ring);
    }
}

#[test]
fn what_a_process_left_unfinished_is_cleared_away_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["keytide.db.new", "keytide.db.new-journal", "master.key.new"] {
        fs::write(dir.path().join(name), "half of it").unwrap();
    }
    let opened = open(dir.path(), &clock(), MasterKeySource::BesideStore).unwrap();
    assert!(opened.created);
    for file in fs::read_dir(dir.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains(".new"), "{name}");
    }
}

#[test]
fn a_master_key_made_by_a_start_that_died_is_used_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(MASTER_KEY_FILE);
    fs::write(&path, "0123456789abcdef".repeat(4)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let opened = open(dir.path(), &clock(), MasterKeySource::BesideStore).unwrap();
    assert!(opened.created && opened.master_key_created.is_none());
    assert_eq!(fs::read_to_string(&path).unwrap(), "0123456789abcdef".repeat(4));
}

#[test]
fn no_message_of_a_refusal_holds_a_byte_of_the_master_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(MASTER_KEY_FILE);
    let nearly = format!("{}x", "0123456789abcdef".repeat(4));
    fs::write(&path, &nearly).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let error = open(dir.path(), &clock(), MasterKeySource::BesideStore).err().unwrap();
    assert_eq!(error.code(), "master_key_unusable");
    assert!(!format!("{error} {error:?} {}", error.hint()).contains("0123456789"));
}
