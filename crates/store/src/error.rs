//! Why a store could not be opened, and what SQLite's own failures mean to the rest of Keytide.

use std::io;
use std::path::{Path, PathBuf};

use keytide_jose::Code;
use keytide_ring::{Error, StoreError};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no store, and none was to be made.
    #[error("there is no store in `{}`", dir.display())]
    NotFound {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// The master key is not where it should be.
    #[error("the master key is not there: `{}`", path.display())]
    MasterKeyMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The master key is no master key.
    #[error("{from} is no master key: {why}")]
    MasterKeyUnusable {
        /// Where it came from.
        from: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Others may read the master key.
    #[error("others may read the master key `{}` (mode {mode:04o})", path.display())]
    MasterKeyExposed {
        /// Where it is.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others may read a file that is the owner's alone.
    #[error("others may read `{}` (mode {mode:04o})", path.display())]
    FileExposed {
        /// Where it is.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that somebody else may have put there.
    #[error("`{}` {why}", path.display())]
    FileForeign {
        /// Where it is.
        path: PathBuf,
        /// How that shows.
        why: String,
    },
    /// Others can put files into the store's directory.
    #[error("the store's directory `{}` {why}", dir.display())]
    DirectoryExposed {
        /// Where it is.
        dir: PathBuf,
        /// How that shows.
        why: String,
    },
    /// The master key was split into shares, and none were given.
    #[error("the store is sealed: its master key was split, and {needed} shares are needed")]
    Sealed {
        /// How many of how many.
        needed: String,
    },
    /// A text that is no share.
    #[error("that is no share of a master key: {why}")]
    ShareUnusable {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Shares that give no master key together.
    #[error("these shares do not give the master key: too few, or not of one splitting")]
    SharesWrong,
    /// A master key cannot be split so.
    #[error("a master key cannot be split into {count} shares of which {threshold} are needed")]
    SharesImpossible {
        /// How many shares.
        count: u8,
        /// How many needed.
        threshold: u8,
    },
    /// There is a store already where one was to be restored.
    #[error("there is a store in `{}` already", dir.display())]
    StoreExists {
        /// Where.
        dir: PathBuf,
    },
    /// A backup that is none, or was changed.
    #[error("`{}` cannot be restored: {why}", path.display())]
    BackupUnusable {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A new master key that is none, or whose file would be removed as the old one's.
    #[error("the new master key is {what}")]
    MasterKeySame {
        /// What it is instead.
        what: String,
    },
    /// A backup of another store.
    #[error("`{}` is a backup of another store than the one that is there", path.display())]
    BackupForeign {
        /// Where it is.
        path: PathBuf,
    },
    /// A file of the store could not be read or written.
    #[error("could not {action} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The store was found, and is not sound or cannot be reached.
    #[error(transparent)]
    Ring(#[from] Error),
}

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        mod code {
            use keytide_jose::Code;
            $(pub(super) const $name: Code = Code::new($code, $meaning, $hint);)*
        }

        /// Every code this crate can report beside those of the rings, with its meaning and hint.
        pub const CODES: &[Code] = &[$(code::$name),*];
    };
}

codes! {
    NOT_FOUND = "store_not_found", "There is no store in the directory.",
        "Name the directory of a store, or start the server once to make one.";
    MASTER_KEY_MISSING = "master_key_missing", "The master key of a store is missing.",
        "Put the master key that was made with this store back, or say where it is; without it nothing in the store can be read.";
    MASTER_KEY_UNUSABLE = "master_key_unusable", "What was given is no master key.",
        "Give 32 random bytes as 64 hexadecimal digits or as base64.";
    MASTER_KEY_SAME = "master_key_same", "The new master key is the one that the store has, or lies where that one is removed.",
        "Make another one in a file elsewhere: `keytide secret --format hex --out FILE`. Nothing was changed.";
    MASTER_KEY_EXPOSED = "master_key_exposed", "Others than its owner may read the master key.",
        "Run chmod 600 on it; if others had access to the machine, make new keys.";
    FILE_EXPOSED = "store_file_exposed", "Others than its owner may read a secret file of the store.",
        "Run chmod 600 on it; if others had access to the machine, replace what is in it (`keytide serve --new-operator-token` for the operator's token).";
    FILE_FOREIGN = "store_file_foreign", "A file of the store belongs to another user, or is no plain file.",
        "Find out who put it there. If it is to be used, make it a plain file of the user that runs Keytide.";
    DIRECTORY_EXPOSED = "store_directory_exposed", "Others than the user that runs Keytide can put files into the store's directory.",
        "Run Keytide as the user that owns the directory, and chmod 700 it; if others had access to the machine, do not use what is in there already.";
    SEALED = "store_sealed", "The master key was split into shares, and the store is closed until enough are given.",
        "Give the shares with --unseal, one a line, or put the master key back with `keytide unseal`.";
    SHARE_UNUSABLE = "share_unusable", "A text is no share of a master key.",
        "Write it as `keytide seal` printed it, one share a line.";
    SHARES_WRONG = "shares_wrong", "The shares that were given do not give the master key.",
        "Give as many as are needed, each once, all of the same splitting.";
    SHARES_IMPOSSIBLE = "shares_impossible", "A master key cannot be split in that way.",
        "Need at least two shares, and no more than there are.";
    STORE_EXISTS = "store_exists", "There is a store where one was to be restored.",
        "Name another directory; or make a backup of the one that is there, stop what uses it, and say --replace.";
    BACKUP_UNUSABLE = "backup_unusable", "A backup is none, was changed, or is not whole.",
        "Use another backup. Nothing was replaced.";
    BACKUP_FOREIGN = "backup_foreign", "A backup is of another store than the one that is there.",
        "Restore it into another directory.";
    FILE_FAILED = "store_file_failed", "A file of the store could not be read or written.",
        "See the message for the cause; check the directory's owner, its permissions and the space on its disk.";
}

impl OpenError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ring(error) => error.code(),
            other => other.entry().code,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Ring(error) => error.hint(),
            other => other.entry().hint,
        }
    }

    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }

    fn entry(&self) -> Code {
        match self {
            Self::NotFound { .. } => code::NOT_FOUND,
            Self::MasterKeyMissing { .. } => code::MASTER_KEY_MISSING,
            Self::MasterKeyUnusable { .. } => code::MASTER_KEY_UNUSABLE,
            Self::MasterKeySame { .. } => code::MASTER_KEY_SAME,
            Self::MasterKeyExposed { .. } => code::MASTER_KEY_EXPOSED,
            Self::FileExposed { .. } => code::FILE_EXPOSED,
            Self::FileForeign { .. } => code::FILE_FOREIGN,
            Self::DirectoryExposed { .. } => code::DIRECTORY_EXPOSED,
            Self::Sealed { .. } => code::SEALED,
            Self::ShareUnusable { .. } => code::SHARE_UNUSABLE,
            Self::SharesWrong => code::SHARES_WRONG,
            Self::SharesImpossible { .. } => code::SHARES_IMPOSSIBLE,
            Self::StoreExists { .. } => code::STORE_EXISTS,
            Self::BackupUnusable { .. } => code::BACKUP_UNUSABLE,
            Self::BackupForeign { .. } => code::BACKUP_FOREIGN,
            Self::File { .. } | Self::Ring(_) => code::FILE_FAILED,
        }
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Ring(fault.into())
    }
}

/// A failure inside the store, before it is told to anybody.
pub(crate) enum Fault {
    /// SQLite's.
    Sql(rusqlite::Error),
    /// Everything else.
    Ring(Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ring(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Ring(error.into())
    }
}

impl From<keytide_jose::Error> for Fault {
    fn from(error: keytide_jose::Error) -> Self {
        Self::Ring(error.into())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sql(error) => meaning(&error).into(),
            Fault::Ring(error) => error,
        }
    }
}

/// That something was changed behind the store's back.
pub(crate) fn tampered(what: impl Into<String>, why: impl Into<String>) -> StoreError {
    StoreError::Tampered { what: what.into(), why: why.into() }
}

fn meaning(error: &rusqlite::Error) -> StoreError {
    use rusqlite::Error as Sql;
    use rusqlite::ErrorCode;
    let text = error.to_string();
    match error {
        Sql::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy(text),
            ErrorCode::DiskFull => StoreError::Full(text),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                tampered("the database file", text)
            }
            _ => StoreError::Unavailable(text),
        },
        // Every column has one type and one range, which the schema enforces.
        Sql::FromSqlConversionFailure(..)
        | Sql::IntegralValueOutOfRange(..)
        | Sql::InvalidColumnType(..)
        | Sql::Utf8Error(..) => tampered("a row of the database", text),
        Sql::SqlInputError { .. } => tampered("the tables of the database", text),
        _ => StoreError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_snake_case_stands_once_and_in_no_other_crate() {
        let others = keytide_ring::CODES.iter().chain(keytide_jose::CODES);
        let mut codes: Vec<_> = CODES.iter().chain(others).map(|code| code.code).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert!(CODES.iter().all(|c| c.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
