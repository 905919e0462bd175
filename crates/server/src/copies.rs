//! What the server asks of whoever keeps copies of rings elsewhere. It is handed in: the server knows no target.

use keytide_jose::Secret;
use keytide_ring::{Actor, RingName, TargetName, TargetView};

/// Keeps copies. Every call may wait for a store or a target, so none is made on a thread that
/// serves connections.
pub trait Copies: Send + Sync {
    /// Adds a target: its settings are read and kept, and its ring waits for it from now on.
    ///
    /// # Errors
    /// What is wrong with the settings, `target_exists` unless it replaces, or a refusal of the ring.
    fn add(&self, ring: &RingName, new: NewTarget, by: By<'_>) -> Result<TargetView, CopyError>;

    /// A ring's targets, by name.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    fn list(&self, ring: &RingName) -> Result<Vec<TargetView>, CopyError>;

    /// Reads what a target holds, and changes nothing.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn test(&self, ring: &RingName, name: &TargetName) -> Result<serde_json::Value, CopyError>;

    /// Writes the ring's keys to a target now, and gives the target as it stands then.
    ///
    /// # Errors
    /// Why its copy is not what the ring holds.
    fn push(&self, ring: &RingName, name: &TargetName) -> Result<TargetView, CopyError>;

    /// Takes a target away; the copy stays where it is, or is deleted.
    ///
    /// # Errors
    /// `target_not_found`, or why the copy cannot be deleted.
    fn remove(
        &self,
        ring: &RingName,
        name: &TargetName,
        removal: &Removal,
        actor: &Actor,
    ) -> Result<(), CopyError>;
}

/// Who adds a target.
#[derive(Clone, Copy)]
pub struct By<'a> {
    /// For the audit log.
    pub actor: &'a Actor,
    /// Over the network, whether it speaks for all rings rather than for some of them; `None` for who
    /// works where the store is, and has its files in hand.
    pub remote: Option<Remote>,
}

/// Somebody over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Its access token reaches some rings.
    ForSomeRings,
    /// Its access token reaches all rings.
    ForAllRings,
}

/// A target to be added.
pub struct NewTarget {
    /// Its name among those of the ring.
    pub name: TargetName,
    /// Its settings, JSON, with the credentials that it is given.
    pub settings: Secret,
    /// Whether it may take the place of one that is there.
    pub replace: bool,
}

/// How a target is taken away.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    /// Delete the copy too.
    pub delete_copy: bool,
    /// Why.
    pub reason: Option<String>,
}

/// Why something about a target failed.
#[derive(Debug)]
pub enum CopyError {
    /// The ring or the store refuses.
    Ring(keytide_ring::Error),
    /// The target, or its settings.
    Target {
        /// The stable code.
        code: keytide_jose::Code,
        /// What was wrong, without a secret.
        message: String,
        /// Whether it is the settings that cannot be; otherwise it is the place that fails.
        by_settings: bool,
    },
}

impl From<keytide_ring::Error> for CopyError {
    fn from(error: keytide_ring::Error) -> Self {
        Self::Ring(error)
    }
}
