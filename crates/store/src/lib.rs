//! Nothing rests here in the clear: rings in SQLite, their secrets sealed, every row under a MAC.
//!
//! Three layers keep a store honest against somebody who can write its database:
//!
//! * **each row** carries a MAC over all of its columns, and each secret is sealed under its ring,
//!   its key, and the epoch in which it was made, so that no row can be changed or stand in for
//!   another;
//! * **each ring** covers the set of its keys and secrets, so that none can be added, taken away
//!   or put back in an older form;
//! * **the head** of the store, sealed, knows how many rings and access tokens there are, which
//!   ones, and where the audit log ends, so that no whole ring can be taken away or put back.
//!
//! An older copy of the whole database in place of the newer one is noticed by the anchor, a small
//! file outside it: such a store is read, and neither signed with nor changed until somebody says
//! that it is to be ([`SqliteStore::accept_epoch`]).
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use jiff::Timestamp;
//! use keytide_jose::SystemRng;
//! use keytide_ring::{Clock, RingStore};
//! use keytide_store::{OpenOptions, SqliteStore};
//!
//! struct Stopped;
//! impl Clock for Stopped {
//!     fn now(&self) -> Timestamp {
//!         Timestamp::UNIX_EPOCH
//!     }
//!     fn monotonic(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! let dir = tempfile::tempdir()?;
//! let options = OpenOptions::new(Arc::new(Stopped), Box::new(|| Box::new(SystemRng))).create(true);
//! let opened = SqliteStore::open(dir.path(), options)?;
//! assert!(opened.created);
//! assert_eq!(opened.master_key_created, Some(dir.path().join("master.key")));
//! assert_eq!(opened.store.list(None, 10)?, []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accept;
mod access;
mod anchor;
mod audit;
mod audit_export;
mod backup;
mod connection;
mod error;
mod fields;
mod files;
mod head;
mod hex;
mod in_place;
mod instances;
mod kek;
mod log_key;
mod master_key;
mod migrate;
mod open;
mod rekey;
mod restore;
mod rings;
mod row;
mod seal;
mod sealed_stream;
mod shares;
mod signed_heads;
mod sqlite;
mod standing;
mod table_stream;
mod targets;
mod transaction;
mod verify;
mod webhooks;
mod wrap;
mod wrapped;

pub use accept::Accepted;
pub use audit_export::verify_audit_export;
pub use backup::BackupReport;
pub use error::{CODES, OpenError};
pub use files::{
    ANCHOR_FILE, CHECKPOINTS_FILE, DATABASE_FILE, DirectoryLock, MASTER_KEY_FILE, lock,
    read_private,
};
pub use master_key::MasterKey;
pub use open::{MasterKeySource, OpenOptions, Opened, RngSource};
pub use rekey::master_key_files;
pub use restore::{RestoreTerms, Restored, restore, verify_backup};
pub use shares::Share;
pub use sqlite::SqliteStore;
pub use table_stream::Progress;
pub use verify::{Finding, StoreReport};
pub use wrapped::{WRAPPED_MASTER_KEY_FILE, wrapped_master_key};
