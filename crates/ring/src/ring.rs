//! A ring: one active key, one published key, and those that came before.

use std::fmt;

use jiff::Timestamp;
use keytide_jose::KeyId;
use serde::{Deserialize, Serialize};

use crate::mutant::{Mutant, broken};
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

/// What a ring remembers beside its keys: a switch that somebody wants, and a slower policy before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Since when the published key is wanted to sign as soon as that is safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) switch_wanted: Option<Timestamp>,
    /// The terms of the policies before, as long as anybody may still go by them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) former: Option<Former>,
}

/// The longest terms of the policies that were in force before the last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Former {
    /// When the last of them ended.
    pub(crate) until: Timestamp,
    pub(crate) lead: Span,
    pub(crate) exposure: Span,
    pub(crate) signer_lag: Span,
    pub(crate) tail: Span,
}

/// A ring at one epoch. It always has exactly one key that signs and one published to follow it (I7).
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    pub(crate) name: RingName,
    pub(crate) epoch: Epoch,
    pub(crate) created_at: Timestamp,
    pub(crate) policy: Policy,
    pub(crate) memory: Memory,
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
        memory: Memory,
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
        let mut ring = Self { name, epoch, created_at, policy, memory, active, standby, past };
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

    /// What it remembers beside its keys.
    pub fn memory(&self) -> &Memory {
        &self.memory
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

    /// I2 for one key: when it may leave the set as far as time tells; none unless it is retiring.
    pub fn removable_at(&self, key: &Key) -> Option<Timestamp> {
        match key.state {
            State::Retiring { deactivated_at, .. } => {
                let overlap = self.overlap_of(key);
                Some(strictly_after(overlap, deactivated_at))
            }
            _ => None,
        }
    }

    /// I2's overlap for one key, by this policy and those before under which it signed.
    pub(crate) fn overlap_of(&self, key: &Key) -> Span {
        let overlap = self.policy.overlap(key.longest_ttl);
        match self.former_of(key) {
            Some(former) => overlap.max(former.signer_lag + key.longest_ttl + former.tail),
            None => overlap,
        }
    }

    /// How long after a signer's last use of the key something that it signed may be accepted.
    pub(crate) fn afterlife_of(&self, key: &Key) -> Span {
        let tail = self.former_of(key).map_or(Span::ZERO, |former| former.tail);
        key.longest_ttl + self.policy.tail().max(tail)
    }

    /// The ring after an older copy of it was put in place of a newer one that is lost: at an epoch
    /// above all that was lost, and trusting nothing that may have happened meanwhile. Verifiers may have
    /// seen sets without the published key, so that it counts as published now; and a retiring key
    /// may have signed until now.
    #[must_use]
    pub fn recovered(&self, epoch: Epoch, now: Timestamp) -> Self {
        let mut ring = Self { epoch, ..self.clone() };
        let standby = &mut ring.standby;
        (standby.published_at, standby.published_in, standby.since) = (now, epoch, epoch);
        for key in &mut ring.past {
            if let State::Retiring { deactivated_at, .. } = &mut key.state {
                *deactivated_at = now;
                key.since = epoch;
            }
        }
        ring
    }

    /// Keeps the terms of the policy that is about to change.
    pub(crate) fn remember_policy(&mut self, now: Timestamp) {
        if broken(Mutant::NoFormerPolicy) {
            return;
        }
        let policy = &self.policy;
        let mut former = Former {
            until: now,
            lead: policy.lead(),
            exposure: policy.exposure(),
            signer_lag: policy.spec().signer_lag,
            tail: policy.tail(),
        };
        if let Some(earlier) = self.memory.former {
            former.lead = former.lead.max(earlier.lead);
            former.exposure = former.exposure.max(earlier.exposure);
            former.signer_lag = former.signer_lag.max(earlier.signer_lag);
            former.tail = former.tail.max(earlier.tail);
        }
        self.memory.former = Some(former);
    }

    /// Forgets the terms of earlier policies once nobody can go by them.
    pub(crate) fn forget_former(&mut self, now: Timestamp) {
        let Some(former) = self.memory.former else { return };
        let in_use = now <= former.lead.max(former.exposure).after(former.until)
            || [&self.active]
                .into_iter()
                .chain(&self.past)
                .any(|key| key.state.verifies() && self.former_of(key).is_some());
        if !in_use {
            self.memory.former = None;
        }
    }

    fn former_of(&self, key: &Key) -> Option<Former> {
        let signed_before = |former: &Former| {
            key.state.activated_at().is_some_and(|activated| activated <= former.until)
        };
        self.memory.former.filter(signed_before)
    }

    /// An instance whose lease ended before this has nothing out that may still be accepted.
    pub(crate) fn forgets_before(&self, now: Timestamp) -> Timestamp {
        let overlaps = self.verifying().map(|key| self.overlap_of(key));
        let kept = overlaps.max().unwrap_or(Span::ZERO) + INSTANCE_KEPT;
        now.saturating_sub(kept.signed()).unwrap_or(Timestamp::MIN)
    }

    /// I6 for what leaves the set at `now`.
    pub(crate) fn exposure_at(&self, now: Timestamp) -> Span {
        match self.memory.former {
            Some(former) if now < former.exposure.after(former.until) => {
                self.policy.exposure().max(former.exposure)
            }
            _ => self.policy.exposure(),
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

/// For how long beyond the overlap an instance is remembered that is no longer heard of.
const INSTANCE_KEPT: Span = Span::from_secs(3_600);

/// The first instant at which more than `span` has passed since `start`: the rules say `>`, not `≥`.
pub(crate) fn strictly_after(span: Span, start: Timestamp) -> Timestamp {
    (span + Span::from_millis(1)).after(start)
}
