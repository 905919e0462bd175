//! A ring: one active key, one published key, and those that came before.

use std::fmt;

use jiff::Timestamp;
use keytide_jose::KeyId;
use serde::{Deserialize, Serialize};

use crate::{Error, Key, Policy, RingName, Span, State};

/// A ring's version number: every change raises it by one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The one after it.
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A ring at one epoch. It always has exactly one key that signs and one published to follow it (I7).
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    pub(crate) name: RingName,
    pub(crate) epoch: Epoch,
    pub(crate) created_at: Timestamp,
    pub(crate) policy: Policy,
    pub(crate) active: Key,
    pub(crate) standby: Key,
    /// Retiring, retired, revoked and destroyed keys, newest first.
    pub(crate) past: Vec<Key>,
}

impl Ring {
    /// Puts a ring together from stored parts, in whatever order the keys come.
    ///
    /// # Errors
    /// `ring_inconsistent` when there is not exactly one active and one published key.
    pub fn assemble(
        name: RingName,
        epoch: Epoch,
        created_at: Timestamp,
        policy: Policy,
        keys: Vec<Key>,
    ) -> Result<Self, Error> {
        let inconsistent = |why: String| Error::RingInconsistent { ring: name.clone(), why };
        let (mut active, mut standby, mut past) = (None, None, Vec::new());
        for key in keys {
            let slot = match key.state {
                State::Active { .. } => &mut active,
                State::Published => &mut standby,
                _ => {
                    past.push(key);
                    continue;
                }
            };
            if let Some(first) = slot.replace(key) {
                return Err(inconsistent(format!(
                    "it has two keys in state {}",
                    first.state.name()
                )));
            }
        }
        let active = active.ok_or_else(|| inconsistent("it has no active key".into()))?;
        let standby = standby.ok_or_else(|| inconsistent("it has no published key".into()))?;
        let mut ring = Self { name, epoch, created_at, policy, active, standby, past };
        ring.order_past();
        Ok(ring)
    }

    /// Newest first, and always in the same order however the keys came.
    pub(crate) fn order_past(&mut self) {
        self.past.sort_by(|a, b| (b.born, &b.kid).cmp(&(a.born, &a.kid)));
    }

    /// Its name.
    pub fn name(&self) -> &RingName {
        &self.name
    }

    /// Its version.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Its rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The key that signs.
    pub fn active(&self) -> &Key {
        &self.active
    }

    /// The key that will sign next.
    pub fn standby(&self) -> &Key {
        &self.standby
    }

    /// Retiring, retired, revoked and destroyed keys, newest first.
    pub fn past(&self) -> &[Key] {
        &self.past
    }

    /// Every key: active, published, then the past, newest first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        [&self.active, &self.standby].into_iter().chain(&self.past)
    }

    /// The keys that verify, in the order in which they are published: active first.
    pub fn verifying(&self) -> impl Iterator<Item = &Key> {
        self.keys().filter(|key| key.state.verifies())
    }

    /// The key with this name.
    pub fn key(&self, kid: &KeyId) -> Option<&Key> {
        self.keys().find(|key| key.kid == *kid)
    }

    /// When the active key has signed for the whole period.
    pub fn rotation_due_at(&self) -> Timestamp {
        let since = self.active.state.activated_at().unwrap_or(self.active.published_at);
        self.policy.spec().rotate_every.after(since)
    }

    /// I2 for one key: when it may leave the set; none unless it is retiring.
    pub fn removable_at(&self, key: &Key) -> Option<Timestamp> {
        match key.state {
            State::Retiring { deactivated_at, .. } => {
                let overlap = self.policy.overlap(key.longest_ttl);
                Some(strictly_after(overlap, deactivated_at))
            }
            _ => None,
        }
    }

    /// When a key's secret may be destroyed; none while it is in the set or already gone.
    pub fn destroyable_at(&self, key: &Key) -> Option<Timestamp> {
        if key.state.verifies() || !key.state.has_secret() {
            return None;
        }
        let left = key.state.left_set_at()?;
        Some(self.policy.spec().rollback_window.after(left))
    }
}

/// The first instant at which more than `span` has passed since `start`: the rules say `>`, not `≥`.
pub(crate) fn strictly_after(span: Span, start: Timestamp) -> Timestamp {
    (span + Span::from_millis(1)).after(start)
}
