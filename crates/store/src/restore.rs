//! Restoring a backup: checked whole before anything is replaced, and never older than the anchor unasked.

use std::path::Path;
use std::time::Duration;

use keytide_ring::{Error, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use serde::Serialize;

use crate::anchor::Anchor;
use crate::backup::{BackupFile, BackupReport};
use crate::error::Fault;
use crate::files::{self, ANCHOR_FILE, DATABASE_FILE, MASTER_KEY_FILE};
use crate::head::Head;
use crate::kek::Keys;
use crate::open::{self, MasterKeySource, OpenOptions};
use crate::table_stream::Progress;
use crate::wrap::{self, Wraps};
use crate::{
    Accepted, MasterKey, OpenError, SqliteStore, accept, connection, migrate, standing, verify,
};

/// What may be done to put a backup in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreTerms<'a> {
    /// Whether a store that is there is replaced.
    pub replace: bool,
    /// Why a database that is older than its anchor, or whose anchor is lost, is accepted; see
    /// [`SqliteStore::accept_epoch`].
    pub accept: Option<&'a str>,
}

/// A store that was restored.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// What was restored.
    pub backup: BackupReport,
    /// What became of the database if it was older than its anchor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// Looks a backup through: opens every chunk and every secret, and follows the whole audit log.
/// `dir` is a store's directory, for its master key, and for its own keys where the backup is of
/// before that was replaced.
///
/// # Errors
/// `backup_unusable`, `wrong_master_key`, `master_key_missing`, `store_tampered`,
/// `store_file_failed`.
pub fn verify_backup(
    file: &Path,
    dir: &Path,
    options: OpenOptions,
    progress: &mut Progress<'_>,
) -> Result<BackupReport, OpenError> {
    let master = master_key(dir, options.master_key)?;
    let backup = BackupFile::open(file)?;
    let report = backup.header.report();
    let keys = backup.keys(&master, known_keys(dir, &master))?;
    let mut tables = Connection::open_in_memory().map_err(Fault::from)?;
    backup.pour(file, &keys, &mut tables, progress)?;
    check(&tables, &keys)?;
    Ok(report)
}

/// Makes a store out of a backup.
///
/// The backup is checked as [`verify_backup`] does before anything is replaced. A store that is
/// replaced must not be in use.
///
/// # Errors
/// `store_exists`, `backup_foreign`, `store_behind` where the backup is older than the anchor and
/// the terms do not accept that, `store_busy` where another process uses the store, and those of
/// [`verify_backup`] and [`SqliteStore::open`].
pub fn restore(
    file: &Path,
    dir: &Path,
    options: OpenOptions,
    terms: RestoreTerms<'_>,
    progress: &mut Progress<'_>,
) -> Result<Restored, OpenError> {
    restore_in_steps(file, dir, options, terms, progress, &mut || ())
}

fn restore_in_steps(
    file: &Path,
    dir: &Path,
    options: OpenOptions,
    terms: RestoreTerms<'_>,
    progress: &mut Progress<'_>,
    between: &mut dyn FnMut(),
) -> Result<Restored, OpenError> {
    let RestoreTerms { replace, accept } = terms;
    accept.map_or(Ok(()), accept::check_reason)?;
    files::make_directory(dir)?;
    files::check_directory(dir)?;
    let one_at_a_time = files::lock(dir)?;
    let database = dir.join(DATABASE_FILE);
    let in_the_way = [database.clone(), files::log_of(&database)]
        .iter()
        .any(|path| path.symlink_metadata().is_ok());
    if in_the_way && !replace {
        return Err(OpenError::StoreExists { dir: dir.to_owned() });
    }
    let OpenOptions { clock, rng, master_key: source, anchor, actor, busy_timeout, .. } = options;
    let source_is_beside = matches!(source, MasterKeySource::BesideStore);
    let master = master_key(dir, source)?;
    let backup = BackupFile::open(file)?;
    let report = backup.header.report();
    let known = known_keys(dir, &master);
    if known.as_ref().is_some_and(|keys| keys.store_id() != backup.header.store_id()) {
        return Err(OpenError::BackupForeign { path: file.to_owned() });
    }
    let keys = backup.keys(&master, known)?;

    files::remove_unfinished(dir)?;
    let growing = files::unfinished(&database);
    drop(files::create_empty(&growing)?);
    let mut tables = connection::open(&growing, Duration::ZERO)?;
    let mut head = backup.pour(file, &keys, &mut tables, progress)?;
    check(&tables, &keys)?;
    rewrap(&mut tables, &keys, &mut head, &master, rng().as_mut())?;
    between();
    let at = anchor.clone().unwrap_or_else(|| dir.join(ANCHOR_FILE));
    let standing = standing::compare(&tables, &head, Anchor::new(at).read(&keys))?;
    tables.close().map_err(|(_, error)| Fault::from(error))?;
    if let (Err(behind), None) = (standing, accept) {
        files::remove_unfinished(dir)?;
        return Err(Error::from(StoreError::Behind(behind)).into());
    }
    retire(&database, busy_timeout)?;
    between();
    files::finish(&database)?;
    between();
    drop(one_at_a_time);

    let source = if source_is_beside {
        MasterKeySource::BesideStore
    } else {
        MasterKeySource::Given(master)
    };
    let options = OpenOptions::new(clock, rng).master_key(source).anchor(anchor);
    let store = SqliteStore::open(dir, options.busy_timeout(busy_timeout))?.store;
    let accepted = accept.map(|reason| store.accept_epoch(reason, &actor)).transpose()?;
    Ok(Restored { backup: report, accepted: accepted.flatten() })
}

fn master_key(dir: &Path, source: MasterKeySource) -> Result<MasterKey, OpenError> {
    match source {
        MasterKeySource::Given(key) => Ok(key),
        MasterKeySource::BesideStore => MasterKey::from_own_file(&dir.join(MASTER_KEY_FILE)),
    }
}

/// The keys of the store that is there, if it is one and this is its master key.
fn known_keys(dir: &Path, master: &MasterKey) -> Option<Keys> {
    let database = dir.join(DATABASE_FILE);
    if !database.exists() {
        return None;
    }
    let there = connection::open(&database, Duration::ZERO).ok()?;
    open::recognise(&there, master).ok()
}

fn check(tables: &Connection, keys: &Keys) -> Result<(), OpenError> {
    open::check_identity(tables, keys)?;
    let head = Head::read(tables, keys)?;
    let found = verify::look_through(tables, keys, head, Path::new(NOWHERE))?;
    if let Some(finding) = found.findings.into_iter().next() {
        let verify::Finding { what, why } = finding;
        return Err(Error::from(StoreError::Tampered { what, why }).into());
    }
    if let Some(broken) = found.audit.broken {
        let what = format!("audit record {}", broken.seq);
        return Err(Error::from(StoreError::Tampered { what, why: broken.what }).into());
    }
    Ok(())
}

/// A backup is checked by itself: what is outside may know more.
const NOWHERE: &str = "";

/// The master key may have been replaced since the backup.
fn rewrap(
    tables: &mut Connection,
    keys: &Keys,
    head: &mut Head,
    master: &MasterKey,
    rng: &mut dyn keytide_jose::Rng,
) -> Result<(), OpenError> {
    let wrapped = wrap::wrap(master, keys.store_id(), &keys.root, rng).map_err(Fault::from)?;
    let wraps = Wraps { current: Some(wrapped), next: None };
    let mut put = || -> Result<(), Fault> {
        let transaction = tables.transaction_with_behavior(TransactionBehavior::Immediate)?;
        wraps.write(&transaction)?;
        head.wraps = wraps.digest();
        head.write(&transaction, keys, rng)?;
        transaction.commit()?;
        Ok(())
    };
    put()?;
    migrate::migrate(tables)?;
    Ok(())
}

/// Makes sure that nobody uses the database that is there, and that it has no log left which SQLite
/// would play into the one that follows it.
fn retire(database: &Path, busy_timeout: Duration) -> Result<(), OpenError> {
    if database.exists() {
        let quiesce = || -> Result<(), Fault> {
            let there = connection::open(database, busy_timeout)?;
            there.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            there.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
            Ok(())
        };
        match quiesce().map_err(Error::from) {
            // What is no database any more has nobody who uses it.
            Ok(()) | Err(Error::Store(StoreError::Tampered { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    files::remove(&files::log_of(database))?;
    files::remove(&files::index_of(database))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use keytide_jose::SystemRng;
    use keytide_ring::{Actor, ManualClock, RingStore};

    use super::*;

    fn options() -> OpenOptions {
        let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
        OpenOptions::new(clock, Box::new(|| Box::new(SystemRng))).create(true)
    }

    fn copy(dir: &Path) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for file in fs::read_dir(dir).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
        copy
    }

    #[test]
    fn a_process_that_dies_at_any_step_leaves_the_old_store_or_the_new_one_and_can_do_it_again() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = elsewhere.path().join("backup");
        let actor = Actor::local("tester");
        let store = SqliteStore::open(dir.path(), options()).unwrap().store;
        store.backup(&file, &actor, &mut |_, _| ()).unwrap();
        store.end_access("nobody", &actor).unwrap();
        store.replace_master_key_beside(dir.path(), &actor).unwrap();
        let newest = store.audit_len().unwrap();
        drop(store);
        let terms = RestoreTerms { replace: true, accept: Some("the disk died") };
        let mut died = Vec::new();
        restore_in_steps(&file, dir.path(), options(), terms, &mut |_, _| (), &mut || {
            died.push(copy(dir.path()));
        })
        .unwrap();
        assert_eq!(died.len(), 3);
        for (step, died) in died.iter().enumerate() {
            let opened = SqliteStore::open(died.path(), options()).unwrap();
            assert_eq!(opened.behind.is_some(), step == 2, "step {step}");
            if step < 2 {
                assert_eq!(opened.store.audit_len().unwrap(), newest, "step {step}");
            }
            assert!(opened.store.verify().unwrap().is_sound(), "step {step}");
            drop(opened);
            restore(&file, died.path(), options(), terms, &mut |_, _| ()).unwrap();
            let opened = SqliteStore::open(died.path(), options()).unwrap();
            assert!(opened.behind.is_none());
            assert!(!died.path().join("keytide.db.new").exists());
        }
    }
}
