//! Connections to one database: a single writer, a few readers, and the switches that make SQLite safe here.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keytide_ring::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{Fault, tampered};
use crate::in_place::{FileId, InPlace};

/// The connections of one open store.
pub(crate) struct Connections {
    path: PathBuf,
    files: InPlace,
    busy_timeout: Duration,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Connections {
    /// With this connection as the writer, which has read something in WAL mode before.
    pub(crate) fn new(
        path: PathBuf,
        busy_timeout: Duration,
        writer: Connection,
    ) -> Result<Self, StoreError> {
        let files = InPlace::of(&path)?;
        let writer = Mutex::new(writer);
        Ok(Self { path, files, busy_timeout, writer, readers: Mutex::default() })
    }

    /// # Errors
    /// `store_unavailable` or `store_tampered` when the files that are open are not those that
    /// everybody else would open.
    pub(crate) fn check_in_place(&self) -> Result<(), StoreError> {
        self.files.check()
    }

    /// The writer. In this process it waits for its turn; for other processes, up to the timeout.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        // Whoever panicked while writing dropped the transaction, which rolled it back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one consistent state. In WAL mode no writer holds a reader up.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        // Before opening: a connection to another file, closed again, takes our log with it.
        self.check_in_place()?;
        let idle = self.readers().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = open(&self.path, self.busy_timeout)?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        // And after opening, which may have met another file all the same.
        self.check_in_place()?;
        let state = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let answer = work(&state)?;
        drop(state);
        let mut readers = self.readers();
        if readers.len() < MOST_IDLE_READERS {
            readers.push(connection);
        }
        Ok(answer)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a database that is there.
pub(crate) fn open(path: &Path, busy_timeout: Duration) -> Result<Connection, Fault> {
    let connection = open_same(path)?;
    connection.busy_timeout(busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Whoever writes the database must not get code of theirs to run in here.
    for (switch, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(switch, on)?;
    }
    for (pragma, value) in [
        ("cell_size_check", "ON"),
        ("foreign_keys", "ON"),
        // A deleted secret leaves no bytes in a free page.
        ("secure_delete", "ON"),
        // Nothing of the store in a temporary file.
        ("temp_store", "MEMORY"),
        // A commit is on the disk before it is acknowledged, on macOS too.
        ("synchronous", "FULL"),
        ("fullfsync", "ON"),
        ("checkpoint_fullfsync", "ON"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    Ok(connection)
}

/// Opens the file that is at this path before and after.
fn open_same(path: &Path) -> Result<Connection, Fault> {
    // Each connection is used by one thread at a time; SQLite need not lock it again.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    for _ in 0..TRIES {
        let before = FileId::at(path).ok();
        let connection = Connection::open_with_flags(path, flags)?;
        // A layered file system may copy a file when it is first opened for writing.
        if before.is_some() && FileId::at(path).ok() == before {
            return Ok(connection);
        }
    }
    Err(tampered("the database file", "it was replaced while it was being opened").into())
}

/// Makes readers and the writer independent of each other, for all processes from now on.
pub(crate) fn use_wal(connection: &Connection) -> Result<(), Fault> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    let why = "its file system has no shared memory for the write-ahead log; use a local disk";
    Err(StoreError::Unavailable(why.to_owned()).into())
}

/// Empties the write-ahead log, so that what was deleted is not left in it. A reader that is busy
/// may put that off until the next time.
pub(crate) fn empty_wal(connection: &Connection) {
    let _later = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

const TRIES: usize = 3;
/// More than this are seldom reading at once; others are opened as needed.
const MOST_IDLE_READERS: usize = 4;
