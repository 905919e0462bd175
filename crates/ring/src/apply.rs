//! A ring and a command in, the changed ring out, or the rule that forbids it. Pure.

use jiff::Timestamp;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use crate::plan::{self, Step};
use crate::policy::MOST_KEYS_IN_SET;
use crate::{Action, Actor, Epoch, Error, Event, Key, Policy, Ring, RingName, Span, State};

/// What somebody asks of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Whatever is due by the clock.
    Turn,
    /// Make the published key sign now.
    Activate {
        /// The key that is meant; none for whichever is published.
        kid: Option<KeyId>,
        /// Switch even before it is safe.
        force: bool,
        /// Why; needed with `force`.
        reason: Option<String>,
    },
    /// Trust a key no more.
    Revoke {
        /// Which one.
        kid: KeyId,
        /// Why.
        reason: Option<String>,
    },
}

/// A key made for a ring, as far as the rules need to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct FreshKey {
    /// Its name.
    pub kid: KeyId,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// Its public half; none for a symmetric key.
    pub public: Option<PublicJwk>,
}

/// What a command does to a ring, ready to be committed as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The ring afterwards, at its next epoch.
    pub ring: Ring,
    /// Whether the fresh key was put to use.
    pub uses_fresh_key: bool,
    /// Keys whose secret must be destroyed.
    pub shred: Vec<KeyId>,
    /// What the audit log records of it.
    pub events: Vec<Event>,
    /// What whoever asked is told.
    pub outcome: Outcome,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The key that signs now, when it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated: Option<KeyId>,
    /// The key that was published, when one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<KeyId>,
    /// The keys that left the set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<KeyId>,
    /// The keys whose secrets were destroyed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<KeyId>,
    /// The key that was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<KeyId>,
    /// Until when a revoked key may still be trusted (I6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed_until: Option<Timestamp>,
    /// For how many seconds valid tokens may be refused, because the switch came early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risked_seconds: Option<u64>,
}

impl Command {
    /// Whether the command would publish a new key, if it were applied at `now`.
    pub fn needs_fresh_key(&self, ring: &Ring, now: Timestamp) -> bool {
        match self {
            Self::Turn => plan::due(ring, now).contains(&Step::Activate),
            Self::Activate { .. } => true,
            Self::Revoke { kid, .. } => {
                matches!(
                    ring.key(kid).map(|k| &k.state),
                    Some(State::Active { .. } | State::Published)
                )
            }
        }
    }

    /// What to answer where the command changes nothing, because all is as it asks already.
    pub(crate) fn standing(&self, ring: &Ring) -> Outcome {
        let mut outcome = Outcome::default();
        if let Self::Revoke { kid, .. } = self
            && let Some(State::Revoked { exposed_until, .. }) = ring.key(kid).map(|key| &key.state)
        {
            outcome.revoked = Some(kid.clone());
            outcome.exposed_until = Some(*exposed_until);
        }
        outcome
    }

    /// What it is in the audit log.
    pub fn action(&self) -> Action {
        match self {
            Self::Turn | Self::Activate { .. } => Action::KeyActivate,
            Self::Revoke { .. } => Action::KeyRevoke,
        }
    }
}

/// A new ring: an active key, and the next one published beside it.
///
/// The first key has no predecessor whose tokens it could break, and no verifier has fetched a set
/// yet; so it signs at once.
pub fn create(
    name: RingName,
    policy: Policy,
    epoch: Epoch,
    keys: [FreshKey; 2],
    actor: &Actor,
    now: Timestamp,
) -> Changes {
    let [first, second] = keys;
    let longest_ttl = policy.spec().token_ttl;
    let key = |fresh: FreshKey, state| Key {
        kid: fresh.kid,
        algorithm: fresh.algorithm,
        born: epoch,
        published_at: now,
        longest_ttl,
        public: fresh.public,
        state,
    };
    let ring = Ring {
        name,
        epoch,
        created_at: now,
        active: key(first, State::Active { activated_at: now }),
        standby: key(second, State::Published),
        past: Vec::new(),
        policy,
    };
    let event = |action| Event::done(actor.clone(), action).ring(&ring.name).epoch(epoch);
    let events = vec![
        event(Action::RingCreate).detail("algorithm", ring.policy.algorithm()),
        event(Action::KeyActivate).kid(&ring.active.kid),
        event(Action::KeyPublish).kid(&ring.standby.kid),
    ];
    let outcome = Outcome {
        activated: Some(ring.active.kid.clone()),
        published: Some(ring.standby.kid.clone()),
        ..Outcome::default()
    };
    Changes { ring, uses_fresh_key: true, shred: Vec::new(), events, outcome }
}

/// Applies `command` at `now`, the store's time inside the transaction that commits it.
///
/// Nothing to do gives `None`: the epoch rises only when something changes.
///
/// # Errors
/// The rule that forbids it; the ring stays as it is.
pub fn apply(
    ring: &Ring,
    command: &Command,
    fresh: Option<FreshKey>,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Changes>, Error> {
    if let Command::Activate { reason: Some(reason), .. }
    | Command::Revoke { reason: Some(reason), .. } = command
        && reason.len() > LONGEST_REASON
    {
        return Err(Error::ReasonTooLong { length: reason.len(), limit: LONGEST_REASON });
    }
    let mut work = Work::new(ring, fresh, actor, now);
    match command {
        Command::Turn => work.turn(),
        Command::Activate { kid, force, reason } => {
            work.activate_by_hand(kid.as_ref(), *force, reason.as_deref())?;
        }
        Command::Revoke { kid, reason } => work.revoke(kid, reason.as_deref())?,
    }
    Ok(work.finish())
}

/// How many destroyed keys a ring remembers; the audit log remembers all.
const MOST_GONE_KEYS: usize = 16;
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 1_024;

/// Whether `command` would be refused at `now`, without a key for it. The answer inside the
/// transaction is the one that counts.
///
/// # Errors
/// The rule that forbids it.
pub(crate) fn check(ring: &Ring, command: &Command, now: Timestamp) -> Result<(), Error> {
    let standing_in = FreshKey {
        kid: ring.standby.kid.clone(),
        algorithm: ring.standby.algorithm,
        public: ring.standby.public.clone(),
    };
    apply(ring, command, Some(standing_in), &Actor::schedule(), now).map(drop)
}

/// A ring under change.
struct Work<'a> {
    ring: Ring,
    fresh: Option<FreshKey>,
    uses_fresh_key: bool,
    actor: &'a Actor,
    now: Timestamp,
    shred: Vec<KeyId>,
    events: Vec<Event>,
    outcome: Outcome,
}

impl<'a> Work<'a> {
    fn new(ring: &Ring, fresh: Option<FreshKey>, actor: &'a Actor, now: Timestamp) -> Self {
        let mut ring = ring.clone();
        ring.epoch = ring.epoch.next();
        Self {
            ring,
            fresh,
            uses_fresh_key: false,
            actor,
            now,
            shred: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    fn finish(mut self) -> Option<Changes> {
        self.ring.order_past();
        let mut gone = 0;
        self.ring.past.retain(|key| {
            gone += usize::from(!key.state.has_secret());
            key.state.has_secret() || gone <= MOST_GONE_KEYS
        });
        (!self.events.is_empty()).then_some(Changes {
            ring: self.ring,
            uses_fresh_key: self.uses_fresh_key,
            shred: self.shred,
            events: self.events,
            outcome: self.outcome,
        })
    }

    fn turn(&mut self) {
        for step in plan::due(&self.ring, self.now) {
            match step {
                // Without a fresh key the step waits for the next turn: I7 wants a successor.
                Step::Activate => {
                    if let Some(fresh) = self.fresh.take() {
                        self.activate(fresh, None, false);
                    }
                }
                Step::Retire(kid) => self.retire(&kid),
                Step::Destroy(kid) => self.destroy(&kid),
            }
        }
    }

    fn activate_by_hand(
        &mut self,
        kid: Option<&KeyId>,
        force: bool,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if force && reason.is_none() {
            return Err(Error::ReasonRequired { what: "a forced switch" });
        }
        if let Some(kid) = kid {
            if *kid == self.ring.active.kid {
                return Ok(());
            }
            if *kid != self.ring.standby.kid {
                return Err(match self.ring.key(kid) {
                    None => self.key_not_found(kid),
                    Some(key) => Error::WrongState {
                        kid: kid.clone(),
                        state: key.state.name(),
                        why: "only the published key can be activated",
                    },
                });
            }
        }
        match plan::check_activation(&self.ring, self.now) {
            Err(early) if !force => return Err(early),
            _ => {}
        }
        self.check_room()?;
        let fresh = self.fresh_key()?;
        self.activate(fresh, reason, force);
        Ok(())
    }

    /// Switches; `forced` says that it was demanded whatever the risk.
    fn activate(&mut self, fresh: FreshKey, reason: Option<&str>, forced: bool) {
        let risked = self.risk();
        let next = self.publish(fresh);
        let next = std::mem::replace(&mut self.ring.standby, next);
        let last = std::mem::replace(&mut self.ring.active, next);
        let activated_at = last.state.activated_at().unwrap_or(last.published_at);
        let state = State::Retiring { activated_at, deactivated_at: self.now };
        let deactivated = self.event(Action::KeyDeactivate, &last.kid);
        self.ring.past.push(Key { state, ..last });
        self.start_active();

        let mut activated = self.event(Action::KeyActivate, &self.ring.active.kid).reason(reason);
        if forced {
            activated =
                activated.detail("forced", true).detail("risked_seconds", risked.unwrap_or(0));
        }
        self.outcome.risked_seconds = risked;
        self.events.extend([deactivated, activated]);
    }

    fn revoke(&mut self, kid: &KeyId, reason: Option<&str>) -> Result<(), Error> {
        let key = self.ring.key(kid).ok_or_else(|| self.key_not_found(kid))?;
        if matches!(key.state, State::Revoked { .. }) {
            return Ok(());
        }
        // Verifiers that still hold the last set with this key in it hold it no longer than this.
        let trusted_from = key.state.left_set_at().unwrap_or(self.now);
        let exposed_until = self.ring.policy.exposure().after(trusted_from);
        let revoked = |key: &Key, now| State::Revoked {
            revoked_at: now,
            exposed_until,
            activated_at: key.state.activated_at(),
            deactivated_at: match key.state {
                State::Active { .. } => Some(now),
                _ => key.state.deactivated_at(),
            },
            destroyed_at: key.state.destroyed_at(),
        };
        let mut risked = None;
        if *kid == self.ring.active.kid {
            let fresh = self.fresh_key()?;
            risked = self.risk();
            let next = self.publish(fresh);
            let next = std::mem::replace(&mut self.ring.standby, next);
            let last = std::mem::replace(&mut self.ring.active, next);
            let state = revoked(&last, self.now);
            self.ring.past.push(Key { state, ..last });
            self.start_active();
            let activated = self.event(Action::KeyActivate, &self.ring.active.kid);
            let activated = match risked {
                Some(seconds) => activated.detail("risked_seconds", seconds),
                None => activated,
            };
            self.events.push(activated);
        } else if *kid == self.ring.standby.kid {
            let fresh = self.fresh_key()?;
            let next = self.publish(fresh);
            let last = std::mem::replace(&mut self.ring.standby, next);
            let state = revoked(&last, self.now);
            self.ring.past.push(Key { state, ..last });
        } else {
            let now = self.now;
            for key in self.ring.past.iter_mut().filter(|key| key.kid == *kid) {
                key.state = revoked(key, now);
            }
        }
        let event = self
            .event(Action::KeyRevoke, kid)
            .reason(reason)
            .detail("exposed_until", exposed_until);
        self.events.push(event);
        self.outcome.revoked = Some(kid.clone());
        self.outcome.exposed_until = Some(exposed_until);
        self.outcome.risked_seconds = risked;
        Ok(())
    }

    fn retire(&mut self, kid: &KeyId) {
        let now = self.now;
        let Some(key) = self.ring.past.iter_mut().find(|key| key.kid == *kid) else { return };
        if let State::Retiring { activated_at, deactivated_at } = key.state {
            key.state = State::Retired { activated_at, deactivated_at, removed_at: now };
            self.outcome.retired.push(kid.clone());
            let event = self.event(Action::KeyRetire, kid);
            self.events.push(event);
        }
    }

    fn destroy(&mut self, kid: &KeyId) {
        let now = self.now;
        let Some(key) = self.ring.past.iter_mut().find(|key| key.kid == *kid) else { return };
        match &mut key.state {
            State::Retired { activated_at, deactivated_at, removed_at } => {
                key.state = State::Destroyed {
                    removed_at: *removed_at,
                    destroyed_at: now,
                    activated_at: Some(*activated_at),
                    deactivated_at: Some(*deactivated_at),
                };
            }
            State::Revoked { destroyed_at, .. } => *destroyed_at = Some(now),
            _ => return,
        }
        self.shred.push(kid.clone());
        self.outcome.destroyed.push(kid.clone());
        let event = self.event(Action::KeyDestroy, kid);
        self.events.push(event);
    }

    /// Makes a fresh key the published one; returns it for the caller to put in its slot.
    fn publish(&mut self, fresh: FreshKey) -> Key {
        self.uses_fresh_key = true;
        self.outcome.published = Some(fresh.kid.clone());
        let event = self.event(Action::KeyPublish, &fresh.kid);
        self.events.push(event);
        Key {
            kid: fresh.kid,
            algorithm: fresh.algorithm,
            born: self.ring.epoch,
            published_at: self.now,
            longest_ttl: self.ring.policy.spec().token_ttl,
            public: fresh.public,
            state: State::Published,
        }
    }

    /// The key that was just put into the active slot begins to sign.
    fn start_active(&mut self) {
        self.ring.active.state = State::Active { activated_at: self.now };
        self.ring.active.longest_ttl = self.ring.policy.spec().token_ttl;
        self.outcome.activated = Some(self.ring.active.kid.clone());
    }

    /// A switch adds a key to the set; forced ones could come faster than keys leave it.
    fn check_room(&self) -> Result<(), Error> {
        let keys = self.ring.verifying().count();
        if keys < usize::try_from(MOST_KEYS_IN_SET).unwrap_or(usize::MAX) {
            return Ok(());
        }
        let leaving = self.ring.past.iter().filter_map(|key| self.ring.removable_at(key));
        Err(Error::SetFull {
            ring: self.ring.name.clone(),
            keys,
            frees_at: leaving.min().unwrap_or(self.now),
        })
    }

    /// For how many seconds tokens may be refused if the published key signs now.
    fn risk(&self) -> Option<u64> {
        let wait = Span::between(self.now, plan::earliest_activation(&self.ring));
        (wait > Span::ZERO).then(|| wait.as_millis().div_ceil(1_000))
    }

    fn fresh_key(&mut self) -> Result<FreshKey, Error> {
        // The keeper makes a key whenever `needs_fresh_key` says so; a ring that moved on in
        // between is somebody else's change.
        self.fresh.take().ok_or_else(|| Error::Conflict {
            ring: self.ring.name.clone(),
            expected: self.ring.epoch,
            found: self.ring.epoch,
        })
    }

    fn key_not_found(&self, kid: &KeyId) -> Error {
        Error::KeyNotFound { ring: self.ring.name.clone(), kid: kid.clone() }
    }

    fn event(&self, action: Action, kid: &KeyId) -> Event {
        Event::done(self.actor.clone(), action)
            .ring(&self.ring.name)
            .kid(kid)
            .epoch(self.ring.epoch)
    }
}
