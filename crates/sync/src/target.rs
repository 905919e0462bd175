//! The port to whatever holds a copy: read, write over what was read, delete. One file for each kind.

use std::fmt;

use async_trait::async_trait;

use crate::{Content, Document, Error, Pace};

/// One place where a copy of a ring's keys is kept.
///
/// What every kind promises, and one suite of tests states for all of them:
///
/// * a reader of the place sees one whole document or another, never parts of two;
/// * [`Target::write`] succeeds only over what `over` says was there, as far as the place can compare
///   (its file says where it cannot), and fails with `target_changed` otherwise;
/// * whatever else is kept in the same place, such as the other lines of a file, stays as it is;
/// * a write that is repeated after a lost answer does no harm;
/// * no error, and no log line, holds a secret or a credential.
///
/// A call makes one attempt: when to try again, and for how long, is decided by whoever calls.
#[async_trait]
pub trait Target: Send + Sync {
    /// Where the copy is, for people: a URL, an ARN, a path. Holds no credential.
    fn place(&self) -> String;

    /// What is there now. `None` when there is nothing: never written, or deleted. What else is kept in
    /// the same place, under names that are not of the copy, is nothing in this sense.
    ///
    /// # Errors
    /// Whatever keeps it from being read. Something there that is no document of ours is not an error
    /// but [`Content::Foreign`].
    async fn read(&self) -> Result<Option<Held>, Error>;

    /// Writes `document` over what `over` names, or where nothing was.
    ///
    /// # Errors
    /// `target_changed` when something else is there by now, or whatever keeps it from being written.
    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error>;

    /// Takes the copy away, and nothing else. Nothing being there is no error.
    ///
    /// # Errors
    /// Whatever keeps it from being deleted.
    async fn delete(&self) -> Result<(), Error>;

    /// How many writes the place takes.
    fn pace(&self) -> Pace {
        Pace::UNBOUNDED
    }
}

/// What is in a place.
pub struct Held {
    /// What it is.
    pub content: Content,
    /// Names this state of the place, so that a write can say over what it goes.
    pub version: Version,
}

/// A state of a place, in its own terms: a version number, an id, an etag, a digest. A digest of secrets
/// is as secret as they are, so it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Version(pub String);

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Version(..)")
    }
}
