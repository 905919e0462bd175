//! Where a ring's keys come from: what every source offers to the part that keeps them fresh.

use std::sync::Arc;
use std::time::Duration;

use keytide_jose::jwt::HeaderParams;
use serde_json::Value;

use crate::Error;
use crate::snapshot::Snapshot;

/// A place that keys are fetched from. One belongs to one process: a fork makes it anew.
pub(crate) trait Source: Send + Sync {
    /// The keys as they are now.
    fn fetch(&self, known: Option<&Known>) -> Result<Fetched, Error>;

    /// The keys as soon as they are others than those known, or word that they still hold. `None`
    /// where the source cannot be waited at.
    fn wait(&self, known: &Known) -> Option<Result<Fetched, Error>>;

    /// Says that an epoch is in use.
    fn acknowledge(&self, epoch: u64) -> Result<(), Error>;

    /// Has the ring's server sign.
    fn sign(&self, header: &HeaderParams, claims: &Value) -> Result<String, Error>;

    /// The same in another process, under another name.
    fn in_new_process(&self) -> Result<Box<dyn Source>, Error>;

    /// Ends what waits.
    fn shut_down(&self);

    /// What it is, for people.
    fn describe(&self) -> String;

    /// Under which names it is known to a ring's server, and since which lease.
    fn presence(&self) -> Option<Presence>;
}

/// How an instance stands with a ring's server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presence {
    /// The consumer.
    pub consumer: String,
    /// The instance.
    pub instance: String,
    /// The epoch that the server was told to be in use here.
    pub acknowledged: Option<u64>,
    /// Until when the server counts the instance as alive if it hears no more of it (RFC 3339).
    pub lease_until: Option<String>,
}

/// What was fetched before.
pub(crate) struct Known {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) tag: Tag,
}

/// By what an unchanged set is known again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) etag: Option<String>,
    pub(crate) digest: Option<[u8; 32]>,
}

/// What a source answered.
pub(crate) struct Fetched {
    /// None where the keys known still hold.
    pub(crate) keys: Option<(Snapshot, Tag)>,
    /// For how long they may be used without asking again.
    pub(crate) fresh_for: Duration,
}
