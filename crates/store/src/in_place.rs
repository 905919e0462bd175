//! Whether the database's files are still those that were opened: one that is removed or replaced
//! stays open, and what is written to it is lost.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keytide_ring::StoreError;

use crate::error::tampered;
use crate::files;

/// The files of an open database, as they were when it was opened.
pub(crate) struct InPlace(Vec<(PathBuf, FileId)>);

impl InPlace {
    /// The files that are at their places now. Call it while a connection holds the database and
    /// its log open: SQLite removes neither until the last connection is closed.
    pub(crate) fn of(database: &Path) -> Result<Self, StoreError> {
        [database.to_owned(), files::log_of(database), files::index_of(database)]
            .into_iter()
            .map(|path| match FileId::at(&path) {
                Ok(id) => Ok((path, id)),
                Err(error) => Err(lost(&path, &error)),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// # Errors
    /// `store_unavailable` when a file is gone, `store_tampered` when another is in its place.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        for (path, opened) in &self.0 {
            match FileId::at(path) {
                Ok(found) if found == *opened => {}
                Ok(_) => {
                    let why = format!("another file was put in place of `{}`", path.display());
                    return Err(tampered("the database file", why));
                }
                Err(error) => return Err(lost(path, &error)),
            }
        }
        Ok(())
    }
}

/// What tells a file from every other that is there at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        // Not by opening it: closing it again would end SQLite's locks on it.
        let facts = fs::metadata(path)?;
        Ok(Self { device: facts.dev(), inode: facts.ino() })
    }

    /// A system that tells files apart in no such way does not let go of one that is open either.
    #[cfg(not(unix))]
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self {})
    }
}

fn lost(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(match error.kind() {
        io::ErrorKind::NotFound => {
            format!("`{}` is gone, and what is written to it would be lost", path.display())
        }
        _ => format!("`{}`: {error}", path.display()),
    })
}
