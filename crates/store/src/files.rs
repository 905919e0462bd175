//! The files of a store: what they are called, who may read them, and how a new one comes whole or not at all.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use keytide_jose::Secret;
use zeroize::Zeroizing;

use crate::OpenError;

/// The database in a store's directory.
pub const DATABASE_FILE: &str = "keytide.db";
/// The master key that is made beside it, unless one is given from elsewhere.
pub const MASTER_KEY_FILE: &str = "master.key";
/// The anchor that is made beside it, unless it is to be elsewhere.
pub const ANCHOR_FILE: &str = "keytide.anchor";
/// The signed heads of the audit log beside it, unless they are to be elsewhere.
pub const CHECKPOINTS_FILE: &str = "keytide.checkpoints";

/// Held while something is made, so that two processes never make two.
const LOCK_FILE: &str = "keytide.lock";

/// Makes a directory that only its owner may enter; one that is there stays as it is.
pub(crate) fn make_directory(dir: &Path) -> Result<(), OpenError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| OpenError::file("make", dir, error))
}

/// The right to make what is made once in a store's directory; others wait until it is dropped.
#[derive(Debug)]
pub struct DirectoryLock {
    _until_dropped: File,
}

/// Waits until no other process holds the lock of this directory.
///
/// [`SqliteStore::open`](crate::SqliteStore::open) takes it where it makes a store, and waits for
/// whoever holds it.
///
/// # Errors
/// `store_file_foreign` when the lock is a link or another user's, `store_file_failed`.
pub fn lock(dir: &Path) -> Result<DirectoryLock, OpenError> {
    let (path, file) = open_lock(dir)?;
    file.lock().map_err(|error| OpenError::file("lock", &path, error))?;
    Ok(DirectoryLock { _until_dropped: file })
}

/// The lock, unless another process holds it.
pub(crate) fn try_lock(dir: &Path) -> Result<Option<DirectoryLock>, OpenError> {
    let (path, file) = open_lock(dir)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(DirectoryLock { _until_dropped: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(OpenError::file("lock", &path, error)),
    }
}

fn open_lock(dir: &Path) -> Result<(PathBuf, File), OpenError> {
    let path = dir.join(LOCK_FILE);
    let file = own(&mut owner_only())
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| refused("open", &path, error))?;
    let facts = file.metadata().map_err(|error| OpenError::file("examine", &path, error))?;
    check_own(&path, &facts)?;
    Ok((path, file))
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
        remove(&path)?;
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

/// Writes a file that only its owner may read over the one that is there.
pub(crate) fn replace_whole(path: &Path, bytes: &[u8]) -> Result<(), OpenError> {
    remove(&unfinished(path))?;
    write_whole(path, bytes)
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), OpenError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(OpenError::file("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Writes zeros over a secret file and removes it. A disk that keeps older blocks may keep it still.
pub(crate) fn wipe(path: &Path) -> Result<(), OpenError> {
    let wiped = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)?;
        sync_directory_of(path)
    };
    wiped().map_err(|error| OpenError::file("remove", path, error))
}

/// Gives a file that is on the disk another's name, and brings that to the disk.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    let renamed = fs::rename(from, to).and_then(|()| sync_directory_of(to));
    renamed.map_err(|error| OpenError::file("rename", from, error))
}

/// A name is an entry of its directory, which has to reach the disk as well.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// Gives the unfinished file its name, once its bytes are on the disk.
pub(crate) fn finish(path: &Path) -> Result<(), OpenError> {
    let growing = unfinished(path);
    let named = || -> io::Result<()> {
        File::open(&growing)?.sync_all()?;
        fs::rename(&growing, path)?;
        sync_directory_of(path)
    };
    named().map_err(|error| OpenError::file("finish", path, error))
}

/// Gives the unfinished file its name, once its bytes are on the disk, and takes no other file's.
pub(crate) fn finish_new(growing: &Path, path: &Path) -> Result<(), OpenError> {
    let named = || -> io::Result<()> {
        File::open(growing)?.sync_all()?;
        match fs::hard_link(growing, path) {
            Ok(()) => fs::remove_file(growing)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Not every file system has links; there, who takes the name just now is not noticed.
            Err(_) => {
                is_free(path)?;
                fs::rename(growing, path)?;
            }
        }
        sync_directory_of(path)
    };
    named().map_err(|error| OpenError::file("finish", path, error))
}

/// Refuses a name that something has already.
pub(crate) fn check_free(path: &Path) -> Result<(), OpenError> {
    is_free(path).map_err(|error| OpenError::file("make", path, error))
}

fn is_free(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => Ok(()),
    }
}

/// Reads a small file that is the owner's alone; none when it is not there.
///
/// What is looked at is the file that was opened: no other can be put in its place in between.
///
/// # Errors
/// `store_file_foreign` when it is a link, no plain file, or another user's; `store_file_exposed`
/// when others may read or write it; `store_file_failed`.
pub fn read_private(path: &Path) -> Result<Option<Secret>, OpenError> {
    let file = match own(OpenOptions::new().read(true)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused("read", path, error)),
    };
    let failed = |error| OpenError::file("read", path, error);
    let facts = file.metadata().map_err(failed)?;
    check_own(path, &facts)?;
    let mode = mode(&facts);
    if mode & OTHERS != 0 {
        return Err(OpenError::FileExposed { path: path.to_owned(), mode });
    }
    // All of its bytes at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_PRIVATE));
    file.take(LONGEST_PRIVATE as u64).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(Secret::new(std::mem::take(&mut *bytes))))
}

/// Opens a file that must be the user's own and no link; none when it is not there.
pub(crate) fn open_own(path: &Path, write: bool) -> Result<Option<File>, OpenError> {
    let file = match own(OpenOptions::new().read(true).write(write)).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused("open", path, error)),
    };
    let facts = file.metadata().map_err(|error| OpenError::file("examine", path, error))?;
    check_own(path, &facts)?;
    Ok(Some(file))
}

/// Opens a file that only grows; makes it, for its owner alone, if it is not there.
pub(crate) fn append_own(path: &Path) -> Result<File, OpenError> {
    let file = own(&mut owner_only())
        .create(true)
        .read(true)
        .append(true)
        .open(path)
        .map_err(|error| refused("open", path, error))?;
    let facts = file.metadata().map_err(|error| OpenError::file("examine", path, error))?;
    check_own(path, &facts)?;
    Ok(file)
}

/// Refuses a store's directory into which others can put files.
///
/// # Errors
/// `store_directory_exposed`, `store_file_failed`.
pub(crate) fn check_directory(dir: &Path) -> Result<(), OpenError> {
    let facts = fs::metadata(dir).map_err(|error| OpenError::file("examine", dir, error))?;
    let exposed = |why| Err(OpenError::DirectoryExposed { dir: dir.to_owned(), why });
    if let Some(why) = another_owner(&facts) {
        return exposed(why);
    }
    let mode = mode(&facts);
    if mode & WRITABLE_BY_OTHERS != 0 {
        return exposed(format!("can be written by others (mode {mode:04o})"));
    }
    Ok(())
}

/// The permission bits; none where the system has no such thing.
#[cfg(unix)]
pub(crate) fn mode(facts: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o777
}

/// The permission bits; none where the system has no such thing.
#[cfg(not(unix))]
pub(crate) fn mode(_facts: &Metadata) -> u32 {
    0
}

/// Bits of a mode that let others than the owner in.
const OTHERS: u32 = 0o077;
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Far more than a key or a token takes.
const LONGEST_PRIVATE: usize = 4_096;

fn check_own(path: &Path, facts: &Metadata) -> Result<(), OpenError> {
    let foreign = |why| Err(OpenError::FileForeign { path: path.to_owned(), why });
    if !facts.is_file() {
        return foreign("is no plain file".to_owned());
    }
    another_owner(facts).map_or(Ok(()), foreign)
}

#[cfg(unix)]
fn another_owner(facts: &Metadata) -> Option<String> {
    let owner = std::os::unix::fs::MetadataExt::uid(facts);
    let own = rustix::process::geteuid().as_raw();
    (owner != own).then(|| format!("belongs to user {owner}, and this process runs as user {own}"))
}

#[cfg(not(unix))]
fn another_owner(_facts: &Metadata) -> Option<String> {
    None
}

/// Opens no link in place of the file, and does not wait at one that is a pipe.
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
    }
    options
}

/// Why a file that must be no link was not opened.
fn refused(action: &'static str, path: &Path, error: io::Error) -> OpenError {
    if fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
        return OpenError::FileForeign { path: path.to_owned(), why: "is a link".to_owned() };
    }
    OpenError::file(action, path, error)
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
