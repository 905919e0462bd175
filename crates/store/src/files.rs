//! The files of a store: what they are called, who may read them, and how a new one comes whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::OpenError;

/// The database in a store's directory.
pub const DATABASE_FILE: &str = "keytide.db";
/// The master key that is made beside it, unless one is given from elsewhere.
pub const MASTER_KEY_FILE: &str = "master.key";

/// Held while a store is made, so that two processes never make two.
const LOCK_FILE: &str = "keytide.lock";

/// Makes a directory that only its owner may enter; one that is there stays as it is.
pub(crate) fn make_directory(dir: &Path) -> Result<(), OpenError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| OpenError::file("make", dir, error))
}

/// Waits until no other process makes a store in this directory. The lock ends with the file.
pub(crate) fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_FILE);
    let file = owner_only()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| OpenError::file("open", &path, error))?;
    file.lock().map_err(|error| OpenError::file("lock", &path, error))?;
    Ok(file)
}

/// SQLite's write-ahead log of a database.
pub(crate) fn log_of(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

/// SQLite's index of that log, which all processes share.
pub(crate) fn index_of(database: &Path) -> PathBuf {
    beside(database, "-shm")
}

/// Where a file grows until it is whole.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Removes what a process left behind that died before its file was whole. Call it under the lock.
pub(crate) fn remove_unfinished(dir: &Path) -> Result<(), OpenError> {
    let database = unfinished(&dir.join(DATABASE_FILE));
    let journal = beside(&database, "-journal");
    for path in [database, journal, unfinished(&dir.join(MASTER_KEY_FILE))] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(OpenError::file("remove", &path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// An empty file that only its owner may read.
pub(crate) fn create_empty(path: &Path) -> Result<File, OpenError> {
    owner_only()
        .create_new(true)
        .write(true)
        .open(path)
        .map_err(|error| OpenError::file("make", path, error))
}

/// Writes a file that only its owner may read: whole and on the disk, or not there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), OpenError> {
    let growing = unfinished(path);
    let mut file = create_empty(&growing)?;
    file.write_all(bytes).map_err(|error| OpenError::file("write", &growing, error))?;
    drop(file);
    finish(path)
}

/// Gives the unfinished file its name, once its bytes are on the disk.
pub(crate) fn finish(path: &Path) -> Result<(), OpenError> {
    let growing = unfinished(path);
    let named = || -> io::Result<()> {
        File::open(&growing)?.sync_all()?;
        fs::rename(&growing, path)?;
        // The name is an entry of the directory, which has to reach the disk as well.
        #[cfg(unix)]
        if let Some(dir) = path.parent() {
            let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    };
    named().map_err(|error| OpenError::file("finish", path, error))
}

/// The permission bits of a file; none where the system has no such thing.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> Result<u32, OpenError> {
    let facts = fs::metadata(path).map_err(|error| OpenError::file("examine", path, error))?;
    Ok(std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o777)
}

/// The permission bits of a file; none where the system has no such thing.
#[cfg(not(unix))]
pub(crate) fn mode(_path: &Path) -> Result<u32, OpenError> {
    Ok(0)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
