//! How a ring stands: what people and monitoring want to know of it.

use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::snapshot::{Skipped, Snapshot};
use crate::source::Presence;
use crate::upkeep::Upkeep;

/// How a ring stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Where the keys come from, in words.
    pub source: String,
    /// The ring's epoch, where a Keytide server told it.
    pub epoch: Option<u64>,
    /// The identity of the snapshot in use; none before the first fetch.
    pub identity: Option<u64>,
    /// How many keys there are to verify with.
    pub keys: usize,
    /// How long ago it was last known that these are the keys; none for keys that do not change.
    pub age: Option<Duration>,
    /// Whether they are used beyond their time, because they could not be fetched again.
    pub stale: bool,
    /// The last failure, even if all is well since.
    pub last_error: Option<Error>,
    /// How long ago that was.
    pub last_error_age: Option<Duration>,
    /// The keys that are not used, with the reasons.
    pub skipped: Vec<Skipped>,
    /// How many fetches were begun in this process, not counting waits at a ring's server.
    pub fetches: u64,
    /// How a ring's server knows this process.
    pub presence: Option<Presence>,
}

impl Status {
    pub(crate) fn fixed(source: String, snapshot: &Snapshot) -> Self {
        Self { source, ..Self::of(Some(snapshot)) }
    }

    pub(crate) fn kept(upkeep: &Arc<Upkeep>) -> Self {
        let loaded = upkeep.loaded();
        let (last, fetches) = upkeep.history();
        let (last_error, last_error_age) = last.unzip();
        Self {
            source: upkeep.source.describe(),
            age: loaded.as_ref().map(|loaded| upkeep.age(loaded)),
            stale: loaded.as_ref().is_some_and(|loaded| upkeep.is_stale(loaded)),
            last_error,
            last_error_age,
            fetches,
            presence: upkeep.source.presence(),
            ..Self::of(loaded.as_ref().map(|loaded| &*loaded.snapshot))
        }
    }

    pub(crate) fn broken(error: Error) -> Self {
        Self { last_error: Some(error), ..Self::of(None) }
    }

    fn of(snapshot: Option<&Snapshot>) -> Self {
        Self {
            source: String::new(),
            epoch: snapshot.and_then(Snapshot::epoch),
            identity: snapshot.map(Snapshot::identity),
            keys: snapshot.map_or(0, |snapshot| snapshot.keys().keys().len()),
            age: None,
            stale: false,
            last_error: None,
            last_error_age: None,
            skipped: snapshot.map_or_else(Vec::new, |snapshot| snapshot.skipped().to_vec()),
            fetches: 0,
            presence: None,
        }
    }
}
