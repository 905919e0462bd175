//! Backups: one consistent state of the store in one sealed file, taken while others write.
//!
//! A file begins with a header that everybody can read, and nobody change: which store, which
//! generation, and the root key under the master key of that time. The rest is every row of the
//! store, in sealed chunks. So a backup and the master key are enough to have the store again.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keytide_jose::digest::sha256;
use keytide_ring::{Action, Actor, Error, Event, StoreError};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::head::Head;
use crate::kek::{Keys, Tag};
use crate::sealed_stream::{SealedReader, SealedWriter};
use crate::table_stream::{self, Progress, StreamFault};
use crate::wrap::{Opened, Wraps};
use crate::{MasterKey, OpenError, SqliteStore, files, hex, migrate};

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// When it was made.
    pub made_at: Timestamp,
    /// The generation of the store in it.
    pub generation: u64,
    /// When that was written.
    pub written_at: Timestamp,
    /// How many rows it has.
    pub rows: u64,
}

/// The beginning of a backup, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// Of its tables.
    pub(crate) format: u32,
    store: String,
    made_at: Timestamp,
    generation: u64,
    written_at: i64,
    pub(crate) rows: u64,
    salt: String,
    wraps: [Option<String>; 2],
}

impl Header {
    pub(crate) fn store_id(&self) -> Vec<u8> {
        hex::decode(&self.store).unwrap_or_default()
    }

    fn wraps(&self) -> Wraps {
        let [current, next] =
            self.wraps.each_ref().map(|wrap| wrap.as_deref().and_then(hex::decode));
        Wraps { current, next }
    }

    pub(crate) fn report(&self) -> BackupReport {
        let written_at = Timestamp::from_millisecond(self.written_at);
        BackupReport {
            made_at: self.made_at,
            generation: self.generation,
            written_at: written_at.unwrap_or(Timestamp::UNIX_EPOCH),
            rows: self.rows,
        }
    }
}

impl SqliteStore {
    /// Writes a backup to a new file that only its owner may read: whole and on the disk, or not
    /// there. Others may write to the store meanwhile; the backup has the state of one moment.
    ///
    /// # Errors
    /// `store_file_failed`, also where the file is there already; a failure of the store.
    pub fn backup(
        &self,
        to: &Path,
        actor: &Actor,
        progress: &mut Progress<'_>,
    ) -> Result<BackupReport, OpenError> {
        files::check_free(to)?;
        match self.write(|change| change.append(&Event::done(actor.clone(), Action::StoreBackup))) {
            // Before it is accepted is the very time to make a copy.
            Err(Error::Store(StoreError::Behind(_))) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
        let growing = self.growing(to)?;
        let file = files::create_empty(&growing)?;
        let written = self.read_into(&file, progress);
        let report = written.and_then(|done| done.map_err(|error| failed("write", to, error)));
        let finished = report.and_then(|report| files::finish_new(&growing, to).map(|()| report));
        if finished.is_err() {
            let _half_a_backup_is_none = files::remove(&growing);
        }
        finished
    }

    /// Where a backup grows: under a name of its own, so that two never write into one file, and
    /// nothing is removed that somebody else put there.
    fn growing(&self, to: &Path) -> Result<PathBuf, OpenError> {
        let mut random = [0; 8];
        (self.rng)().fill(&mut random).map_err(Fault::from)?;
        Ok(files::unfinished(&to.with_added_extension(hex::encode(&random))))
    }

    fn read_into(
        &self,
        file: &File,
        progress: &mut Progress<'_>,
    ) -> Result<io::Result<BackupReport>, OpenError> {
        let mut rng = (self.rng)();
        let made_at = self.clock_now();
        let done = self.read(|state, keys, head| {
            let mut salt = [0; 32];
            rng.fill(&mut salt)?;
            let Wraps { current, next } = Wraps::read(state)?;
            let header = Header {
                format: migrate::format_of(state)?,
                store: hex::encode(keys.store_id()),
                made_at,
                generation: head.generation,
                written_at: head.written_at,
                rows: table_stream::count(state)?,
                salt: hex::encode(&salt),
                wraps: [current, next].map(|wrap| wrap.as_deref().map(hex::encode)),
            };
            let report = header.report();
            let mut write = || -> Result<(), StreamFault> {
                let json = serde_json::to_vec(&header).map_err(io::Error::other)?;
                let length = u32::try_from(json.len()).map_err(io::Error::other)?.to_be_bytes();
                let start = [MAGIC, &length, &json].concat();
                let mut to = BufWriter::new(file);
                to.write_all(&start)?;
                let key = keys.backup(&header.salt);
                let mut to = SealedWriter::new(to, key, sha256(&start), rng.as_mut());
                table_stream::write(state, &mut to, header.rows, progress)?;
                to.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
                Ok(())
            };
            match write() {
                Ok(()) => Ok(Ok(report)),
                Err(StreamFault::Stream(error)) => Ok(Err(error)),
                Err(StreamFault::Database(fault)) => Err(fault),
            }
        });
        Ok(done?)
    }
}

/// A backup's file, opened, of which only the header was looked at.
pub(crate) struct BackupFile {
    pub(crate) header: Header,
    digest: Tag,
    rest: BufReader<File>,
}

impl BackupFile {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |why| unusable(path, why);
        let file = File::open(path).map_err(|error| OpenError::file("read", path, error))?;
        let mut from = BufReader::new(file);
        let mut start = [0; MAGIC.len() + 4];
        let no_backup = || unusable("it is no backup of Keytide's".to_owned());
        from.read_exact(&mut start).map_err(|_| no_backup())?;
        let (magic, length) = start.split_at(MAGIC.len());
        let length = length.try_into().map(u32::from_be_bytes).unwrap_or(u32::MAX);
        if magic != MAGIC || length > LONGEST_HEADER {
            return Err(no_backup());
        }
        let mut json = vec![0; length as usize];
        from.read_exact(&mut json).map_err(|_| no_backup())?;
        let header: Header = serde_json::from_slice(&json)
            .map_err(|error| unusable(format!("its header cannot be read: {error}")))?;
        if header.format > migrate::FORMAT {
            let too_new = StoreError::TooNew { found: header.format, known: migrate::FORMAT };
            return Err(Error::from(too_new).into());
        }
        let digest = sha256(&[&start[..], &json].concat());
        Ok(Self { header, digest, rest: from })
    }

    /// The keys of the store in it: by the master key of its time, or as a store that is open has
    /// them.
    pub(crate) fn keys(&self, master: &MasterKey, store: Option<Keys>) -> Result<Keys, Error> {
        let id = self.header.store_id();
        match self.header.wraps().open(master, &id) {
            Opened::Current(root) | Opened::Next(root) => Ok(Keys::derive(root, &id)),
            Opened::Foreign | Opened::Damaged => store
                .filter(|keys| keys.store_id() == id)
                .ok_or_else(|| StoreError::WrongMasterKey.into()),
        }
    }

    /// Puts every row of it into new tables, in one transaction.
    pub(crate) fn pour(
        self,
        path: &Path,
        keys: &Keys,
        into: &mut Connection,
        progress: &mut Progress<'_>,
    ) -> Result<Head, OpenError> {
        let Self { header, digest, rest } = self;
        migrate::make(into, header.format)?;
        let transaction = into.transaction().map_err(Fault::from)?;
        // The rows come in the order of their tables' names: what they refer to may come later.
        transaction.pragma_update(None, "defer_foreign_keys", "ON").map_err(Fault::from)?;
        let mut from = SealedReader::new(rest, keys.backup(&header.salt), digest);
        match table_stream::read(&transaction, &mut from, header.rows, progress) {
            Ok(rows) if rows == header.rows => {}
            Ok(_) => return Err(unusable(path, "rows of it are missing".to_owned())),
            Err(StreamFault::Stream(error)) => return Err(failed("read", path, error)),
            Err(StreamFault::Database(fault)) => return Err(fault.into()),
        }
        let head = Head::read(&transaction, keys)?;
        transaction.commit().map_err(Fault::from)?;
        Ok(head)
    }
}

fn unusable(path: &Path, why: String) -> OpenError {
    OpenError::BackupUnusable { path: path.to_owned(), why }
}

fn failed(action: &'static str, path: &Path, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::InvalidData => unusable(path, error.to_string()),
        _ => OpenError::file(action, path, error),
    }
}

const MAGIC: &[u8] = b"keytide backup 1\n";
/// Far more than a header takes.
const LONGEST_HEADER: u32 = 1 << 16;
