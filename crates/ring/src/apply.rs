//! A ring and a command in, the changed ring out, or the rule that forbids it. Pure.

use jiff::Timestamp;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use serde_json::{Map, Value};

use crate::evidence::Waiting;
use crate::plan::{self, Step};
use crate::policy::MOST_KEYS_IN_SET;
use crate::ring::Memory;
use crate::{
    Action, Actor, ConsumerSpec, Epoch, Error, Event, Evidence, Key, Policy, PolicySpec, Ring,
    RingName, Role, Span, State, TargetName, target,
};

/// What somebody asks of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Whatever is due by the clock.
    Turn,
    /// Make the published key sign.
    Activate {
        /// The key that is meant; none for whichever is published.
        kid: Option<KeyId>,
        /// Now, or else.
        when: When,
        /// Why; needed to force it.
        reason: Option<String>,
    },
    /// Trust a key no more.
    Revoke {
        /// Which one.
        kid: KeyId,
        /// Why.
        reason: Option<String>,
    },
    /// Make the key before sign again: at once while verifiers still have it, and as soon as that is
    /// safe where it has left the set.
    Rollback {
        /// Why.
        reason: Option<String>,
    },
    /// Change the policy.
    Change {
        /// The fields that change (RFC 7396): `null` gives a field its default.
        patch: Map<String, Value>,
        /// Why.
        reason: Option<String>,
    },
    /// Declare a consumer.
    AddConsumer {
        /// How.
        consumer: ConsumerSpec,
    },
    /// Say that a consumer is no more.
    RemoveConsumer {
        /// Which one.
        name: String,
        /// Why.
        reason: Option<String>,
    },
    /// Wait for a copy from now on before a key is used that it lacks.
    AddTarget {
        /// Which.
        name: TargetName,
    },
    /// Say that a copy is no more.
    RemoveTarget {
        /// Which.
        name: TargetName,
        /// Why.
        reason: Option<String>,
    },
    /// Answer for a consumer that cannot acknowledge: it was restarted.
    Assume {
        /// Which one.
        consumer: String,
        /// Which of its instances; all, if none.
        instance: Option<String>,
        /// Why that is known; needed.
        reason: Option<String>,
    },
    /// Destroy a retired or revoked key's secret before the rollback window ends.
    Destroy {
        /// Which one.
        kid: KeyId,
        /// Why; needed.
        reason: Option<String>,
    },
}

/// When a switch by hand is to happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Now if that is safe, and otherwise not at all.
    #[default]
    IfSafe,
    /// As soon as it is safe.
    WhenSafe,
    /// Now, whatever is risked.
    Forced,
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
    /// Whether it was brought from elsewhere, where programs sign with it already.
    pub is_brought: bool,
}

impl FreshKey {
    /// A key that was made here.
    ///
    /// # Panics
    /// For one without a key id; every key that is made has one.
    pub fn of(key: &SigningKey) -> Self {
        Self {
            kid: key.key_id().cloned().expect("a generated key has a kid"),
            algorithm: key.algorithm(),
            public: key.public_jwk(),
            is_brought: false,
        }
    }
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
    /// What is known of instances from now on, where that changed.
    pub evidence: Option<Evidence>,
    /// When the ring next needs a turn.
    pub next_due: Timestamp,
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
    /// When the published key will begin to sign, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switches_at: Option<Timestamp>,
    /// Whose acknowledgement the change waits for, or did not wait for where it was forced or urgent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Waiting>,
    /// The fields of the policy that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
}

impl Command {
    /// The policy by which a fresh key must be made, if the command were applied at `now`; none
    /// where it needs no key.
    pub fn fresh_key_policy(
        &self,
        ring: &Ring,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Option<Policy> {
        let needs = match self {
            Self::Turn => plan::due(ring, evidence, now).contains(&Step::Activate),
            Self::Activate { when, .. } => {
                *when != When::WhenSafe || plan::check_activation(ring, evidence, now).is_ok()
            }
            Self::Revoke { kid, .. } => {
                matches!(
                    ring.key(kid).map(|k| &k.state),
                    Some(State::Active { .. } | State::Published)
                )
            }
            Self::Change { patch, .. } => {
                let policy = patched(ring, patch).ok();
                return policy.filter(|policy| policy.algorithm() != ring.policy.algorithm());
            }
            Self::Rollback { .. }
            | Self::AddConsumer { .. }
            | Self::RemoveConsumer { .. }
            | Self::AddTarget { .. }
            | Self::RemoveTarget { .. }
            | Self::Assume { .. }
            | Self::Destroy { .. } => false,
        };
        needs.then(|| ring.policy.clone())
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
            Self::Rollback { .. } => Action::KeyRollback,
            Self::Change { .. } => Action::PolicyChange,
            Self::AddConsumer { .. } | Self::AddTarget { .. } => Action::ConsumerAdd,
            Self::RemoveConsumer { .. } | Self::RemoveTarget { .. } => Action::ConsumerRemove,
            Self::Assume { .. } => Action::ConsumerAssume,
            Self::Destroy { .. } => Action::KeyDestroy,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Turn | Self::AddConsumer { .. } | Self::AddTarget { .. } => None,
            Self::Activate { reason, .. }
            | Self::Revoke { reason, .. }
            | Self::Rollback { reason }
            | Self::Change { reason, .. }
            | Self::RemoveConsumer { reason, .. }
            | Self::RemoveTarget { reason, .. }
            | Self::Assume { reason, .. }
            | Self::Destroy { reason, .. } => reason.as_deref(),
        }
    }
}

/// A new ring: an active key, and the next one published beside it.
///
/// The first key has no predecessor whose tokens it could break, and no verifier has fetched a set
/// yet; so it signs at once. Of one that was brought the audit log says so.
pub fn create(
    name: RingName,
    policy: Policy,
    epoch: Epoch,
    keys: [FreshKey; 2],
    actor: &Actor,
    now: Timestamp,
) -> Changes {
    let [first, second] = keys;
    let is_brought = first.is_brought;
    let longest_ttl = policy.spec().token_ttl;
    let key = |fresh: FreshKey, state| Key {
        kid: fresh.kid,
        algorithm: fresh.algorithm,
        born: epoch,
        published_in: epoch,
        since: epoch,
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
        memory: Memory::default(),
        policy,
    };
    let event = |action| Event::done(actor.clone(), action).ring(&ring.name).epoch(epoch);
    let activate = event(Action::KeyActivate).kid(&ring.active.kid);
    let events = vec![
        event(Action::RingCreate).detail("algorithm", ring.policy.algorithm()),
        if is_brought { activate.detail("brought_from_elsewhere", true) } else { activate },
        event(Action::KeyPublish).kid(&ring.standby.kid),
    ];
    let outcome = Outcome {
        activated: Some(ring.active.kid.clone()),
        published: Some(ring.standby.kid.clone()),
        ..Outcome::default()
    };
    let next_due = plan::next_due(&ring, &Evidence::default(), now);
    Changes {
        ring,
        uses_fresh_key: true,
        shred: Vec::new(),
        evidence: None,
        next_due,
        events,
        outcome,
    }
}

/// Applies `command` at `now`, the store's time inside the transaction that commits it.
///
/// Nothing to do gives `None`: the epoch rises only when something changes.
///
/// # Errors
/// The rule that forbids it; the ring stays as it is.
pub fn apply(
    ring: &Ring,
    evidence: &Evidence,
    command: &Command,
    fresh: Option<FreshKey>,
    actor: &Actor,
    now: Timestamp,
) -> Result<Option<Changes>, Error> {
    let reason = command.reason().map(str::trim).filter(|reason| !reason.is_empty());
    if let Some(reason) = reason
        && reason.len() > LONGEST_REASON
    {
        return Err(Error::ReasonTooLong { length: reason.len(), limit: LONGEST_REASON });
    }
    let mut work = Work::new(ring, evidence, fresh, actor, reason, now);
    match command {
        Command::Turn => work.turn(),
        Command::Activate { kid, when, .. } => work.activate_by_hand(kid.as_ref(), *when)?,
        Command::Revoke { kid, .. } => work.revoke(kid)?,
        Command::Rollback { .. } => work.roll_back()?,
        Command::Change { patch, .. } => {
            let policy = patched(ring, patch)?;
            work.set_policy(policy, |work, changed| {
                work.ring_event(Action::PolicyChange).detail("changed", changed.join(", "))
            })?;
        }
        Command::AddConsumer { consumer } => {
            target::check_by_hand(consumer.name())?;
            work.add_consumer(consumer)?;
        }
        Command::RemoveConsumer { name, .. } => {
            target::check_by_hand(name)?;
            work.remove_consumer(name)?;
        }
        Command::AddTarget { name } => work.add_target(name)?,
        Command::RemoveTarget { name, .. } => work.remove_consumer(&name.consumer())?,
        Command::Assume { consumer, instance, .. } => {
            work.assume(consumer, instance.as_deref())?;
        }
        Command::Destroy { kid, .. } => work.destroy_by_hand(kid)?,
    }
    Ok(work.finish())
}

/// The ring's policy with some fields changed.
///
/// # Errors
/// `bad_policy`, `policy_cannot_hold`, or `policy_fixed` for a change that would make tokens worthless
/// that are valid now.
fn patched(ring: &Ring, patch: &Map<String, Value>) -> Result<Policy, Error> {
    let bad = |error: serde_json::Error| Error::BadPolicy { why: error.to_string() };
    let mut spec = serde_json::to_value(ring.policy.spec()).map_err(bad)?;
    let fields = spec.as_object_mut().expect("a policy is an object");
    for (name, value) in patch {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    let spec: PolicySpec = serde_json::from_value(spec).map_err(bad)?;
    let before = ring.policy.spec();
    let fixed = |field, why| Err(Error::PolicyFixed { ring: ring.name.clone(), field, why });
    if spec.algorithm.is_symmetric() != before.algorithm.is_symmetric() {
        return fixed("algorithm", "a shared secret and a key pair are distributed differently");
    }
    if spec.issuer != before.issuer {
        return fixed("issuer", "tokens that name the one before would be refused");
    }
    if spec.typ != before.typ {
        return fixed("typ", "tokens that carry the one before would be refused");
    }
    let kept = before.audience.iter().all(|audience| spec.audience.contains(audience));
    if !kept || before.audience.is_empty() != spec.audience.is_empty() {
        return fixed("audience", "tokens for an audience that it takes away would be refused");
    }
    if !target::among(&spec.consumers).eq(target::among(&before.consumers)) {
        let named = target::among(&spec.consumers).chain(target::among(&before.consumers));
        named.map(ConsumerSpec::name).try_for_each(target::check_by_hand)?;
    }
    Policy::new(spec)
}

/// The names of the fields in which two policies differ.
fn differences(before: &Policy, after: &Policy) -> Vec<String> {
    let fields = |policy: &Policy| match serde_json::to_value(policy.spec()) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (before, after) = (fields(before), fields(after));
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| before.get(name) != after.get(name));
    names
}

/// How many destroyed keys a ring remembers; the audit log remembers all.
const MOST_GONE_KEYS: usize = 16;
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 1_024;

/// Stands for the key that would be made, where a command is only tried.
pub(crate) const NOT_MADE_YET: &str = "(new)";

/// Whether `command` would be refused at `now`, without a key for it. The answer inside the
/// transaction is the one that counts.
///
/// # Errors
/// The rule that forbids it.
pub(crate) fn check(
    ring: &Ring,
    evidence: &Evidence,
    command: &Command,
    now: Timestamp,
) -> Result<Option<Changes>, Error> {
    let algorithm = command
        .fresh_key_policy(ring, evidence, now)
        .map_or(ring.standby.algorithm, |policy| policy.algorithm());
    let standing_in = FreshKey {
        kid: NOT_MADE_YET.parse().expect("it is short and printable"),
        algorithm,
        public: ring.standby.public.clone(),
        is_brought: false,
    };
    apply(ring, evidence, command, Some(standing_in), &Actor::schedule(), now)
}

/// A ring under change.
struct Work<'a> {
    ring: Ring,
    evidence: Evidence,
    evidence_changed: bool,
    fresh: Option<FreshKey>,
    uses_fresh_key: bool,
    actor: &'a Actor,
    reason: Option<&'a str>,
    now: Timestamp,
    shred: Vec<KeyId>,
    events: Vec<Event>,
    outcome: Outcome,
}

impl<'a> Work<'a> {
    fn new(
        ring: &Ring,
        evidence: &Evidence,
        fresh: Option<FreshKey>,
        actor: &'a Actor,
        reason: Option<&'a str>,
        now: Timestamp,
    ) -> Self {
        let mut ring = ring.clone();
        ring.epoch = ring.epoch.next();
        Self {
            ring,
            evidence: evidence.clone(),
            evidence_changed: false,
            fresh,
            uses_fresh_key: false,
            actor,
            reason,
            now,
            shred: Vec::new(),
            events: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    fn finish(mut self) -> Option<Changes> {
        if self.events.is_empty() {
            return None;
        }
        self.ring.order_past();
        let mut gone = 0;
        self.ring.past.retain(|key| {
            gone += usize::from(!key.state.has_secret());
            key.state.has_secret() || gone <= MOST_GONE_KEYS
        });
        self.ring.forget_former(self.now);
        let known = self.evidence.instances().len();
        self.evidence.prune(&self.ring.policy, self.ring.forgets_before(self.now));
        self.evidence_changed |= self.evidence.instances().len() != known;
        let next_due = plan::next_due(&self.ring, &self.evidence, self.now);
        Some(Changes {
            ring: self.ring,
            uses_fresh_key: self.uses_fresh_key,
            shred: self.shred,
            evidence: self.evidence_changed.then_some(self.evidence),
            next_due,
            events: self.events,
            outcome: self.outcome,
        })
    }

    fn turn(&mut self) {
        for step in plan::due(&self.ring, &self.evidence, self.now) {
            match step {
                // Without a fresh key the step waits for the next turn: I7 wants a successor.
                Step::Activate => {
                    if let Some(fresh) = self.fresh.take() {
                        self.activate(fresh, false);
                    }
                }
                Step::Retire(kid) => self.retire(&kid),
                Step::Destroy(kid) => self.destroy(&kid),
            }
        }
    }

    fn activate_by_hand(&mut self, kid: Option<&KeyId>, when: When) -> Result<(), Error> {
        if when == When::Forced && self.reason.is_none() {
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
        match plan::check_activation(&self.ring, &self.evidence, self.now) {
            Err(_) if when == When::WhenSafe => {
                self.want_switch();
                return Ok(());
            }
            Err(early) if when == When::IfSafe => return Err(early),
            _ => {}
        }
        self.check_room()?;
        let fresh = self.fresh_key()?;
        self.activate(fresh, when == When::Forced);
        Ok(())
    }

    /// Has the published key sign as soon as that is safe.
    fn want_switch(&mut self) {
        let safety = plan::activation(&self.ring, &self.evidence, self.now);
        self.outcome.switches_at = Some(safety.at);
        self.outcome.waits_for = safety.waits_for;
        if self.ring.memory.switch_wanted.is_none() {
            self.ring.memory.switch_wanted = Some(self.now);
            let event = self
                .event(Action::SwitchPlan, &self.ring.standby.kid)
                .reason(self.reason)
                .detail("safe_at", safety.at);
            self.events.push(event);
        }
    }

    /// Switches; `forced` says that it was demanded whatever the risk.
    fn activate(&mut self, fresh: FreshKey, forced: bool) {
        let (risked, unheard) = self.risk();
        let next = self.publish(fresh);
        let last = self.advance(next);
        let deactivated = self.event(Action::KeyDeactivate, &last.kid);
        self.ring.past.push(last);

        let mut activated =
            self.event(Action::KeyActivate, &self.ring.active.kid).reason(self.reason);
        if forced {
            activated =
                activated.detail("forced", true).detail("risked_seconds", risked.unwrap_or(0));
            if !unheard.is_empty() {
                activated = activated.detail("unacknowledged", unheard.len());
            }
        }
        self.outcome.risked_seconds = risked;
        self.outcome.waits_for = unheard;
        self.events.extend([deactivated, activated]);
    }

    /// The published key begins to sign, `next` is published in its place. Gives the key that signed,
    /// retiring.
    fn advance(&mut self, next: Key) -> Key {
        let next = std::mem::replace(&mut self.ring.standby, next);
        let last = std::mem::replace(&mut self.ring.active, next);
        self.start_active();
        self.stopped(last)
    }

    /// The key that signed until now, retiring.
    fn stopped(&self, last: Key) -> Key {
        let activated_at = last.state.activated_at().unwrap_or(last.published_at);
        let state = State::Retiring { activated_at, deactivated_at: self.now };
        Key { state, since: self.ring.epoch, ..last }
    }

    fn revoke(&mut self, kid: &KeyId) -> Result<(), Error> {
        let key = self.ring.key(kid).ok_or_else(|| self.key_not_found(kid))?;
        if matches!(key.state, State::Revoked { .. }) {
            return Ok(());
        }
        // Verifiers that still hold the last set with this key in it hold it no longer than this.
        let trusted_from = key.state.left_set_at().unwrap_or(self.now);
        let exposed_until = self.ring.exposure_at(trusted_from).after(trusted_from);
        let (now, epoch) = (self.now, self.ring.epoch);
        let revoked = |key: Key| Key {
            state: State::Revoked {
                revoked_at: now,
                exposed_until,
                activated_at: key.state.activated_at(),
                deactivated_at: match key.state {
                    State::Active { .. } => Some(now),
                    _ => key.state.deactivated_at(),
                },
                destroyed_at: key.state.destroyed_at(),
            },
            since: epoch,
            ..key
        };
        if *kid == self.ring.active.kid {
            let fresh = self.fresh_key()?;
            let (risked, unheard) = self.risk();
            let next = self.publish(fresh);
            let next = std::mem::replace(&mut self.ring.standby, next);
            let last = std::mem::replace(&mut self.ring.active, next);
            self.ring.past.push(revoked(last));
            self.start_active();
            let mut activated = self.event(Action::KeyActivate, &self.ring.active.kid);
            if let Some(seconds) = risked {
                activated = activated.detail("risked_seconds", seconds);
            }
            if !unheard.is_empty() {
                activated = activated.detail("unacknowledged", unheard.len());
            }
            self.events.push(activated);
            self.outcome.risked_seconds = risked;
        } else if *kid == self.ring.standby.kid {
            let fresh = self.fresh_key()?;
            let next = self.publish(fresh);
            let last = std::mem::replace(&mut self.ring.standby, next);
            self.ring.past.push(revoked(last));
        } else if let Some(key) = self.ring.past.iter_mut().find(|key| key.kid == *kid) {
            *key = revoked(key.clone());
        }
        let needs = (epoch, now);
        let unheard = self.evidence.lagging(&self.ring.policy, Role::Verifier, needs, now);
        let mut event = self
            .event(Action::KeyRevoke, kid)
            .reason(self.reason)
            .detail("exposed_until", exposed_until);
        if !unheard.is_empty() {
            event = event.detail("unacknowledged", unheard.len());
        }
        self.events.push(event);
        self.outcome.revoked = Some(kid.clone());
        self.outcome.exposed_until = Some(exposed_until);
        self.outcome.waits_for = unheard;
        Ok(())
    }

    fn roll_back(&mut self) -> Result<(), Error> {
        if self.ring.standby.was_published_before() && self.ring.memory.switch_wanted.is_some() {
            // Under way already.
            self.want_switch();
            return Ok(());
        }
        let signed =
            |key: &&Key| matches!(key.state, State::Retiring { .. } | State::Retired { .. });
        let last = self
            .ring
            .past
            .iter()
            .filter(signed)
            .max_by_key(|key| (key.state.deactivated_at(), key.state.activated_at(), key.born));
        let Some(last) = last.cloned() else {
            let why = match self.ring.past.is_empty() {
                true => "it has had one active key only",
                false => "those before were revoked or destroyed",
            };
            return Err(Error::NothingToRollBack { ring: self.ring.name.clone(), why });
        };
        let event = self.event(Action::KeyRollback, &last.kid).reason(self.reason);
        if matches!(last.state, State::Retiring { .. }) {
            // A key that the ring began with is in every set that was ever served.
            if last.published_at > self.ring.created_at {
                plan::check_use(&self.ring, &self.evidence, &last, self.now)?;
            }
            self.ring.past.retain(|key| key.kid != last.kid);
            let from = std::mem::replace(&mut self.ring.active, last);
            self.start_active();
            let from = self.stopped(from);
            let deactivated = self.event(Action::KeyDeactivate, &from.kid);
            let activated = self.event(Action::KeyActivate, &self.ring.active.kid);
            self.ring.past.push(from);
            self.events.extend([event, deactivated, activated]);
            return Ok(());
        }
        // It left the set: verifiers must have it again before it signs.
        self.ring.past.retain(|key| key.kid != last.kid);
        self.events.push(event);
        let again = Key {
            published_at: self.now,
            published_in: self.ring.epoch,
            since: self.ring.epoch,
            state: State::Published,
            ..last
        };
        self.events.push(self.event(Action::KeyPublish, &again.kid));
        self.outcome.published = Some(again.kid.clone());
        self.replace_standby(again);
        self.ring.memory.switch_wanted = None;
        self.want_switch();
        Ok(())
    }

    /// Publishes `next` in the place of the key that was to follow; where that one never signed, it
    /// goes.
    fn replace_standby(&mut self, next: Key) {
        let unused = std::mem::replace(&mut self.ring.standby, next);
        let (now, since) = (self.now, self.ring.epoch);
        if unused.was_published_before() {
            // It signed once, and was to sign again: its secret has the whole window once more.
            let at = unused.published_at;
            let state =
                State::Retired { activated_at: at, deactivated_at: at, removed_at: self.now };
            let event = self.event(Action::KeyRetire, &unused.kid);
            self.events.push(event);
            self.outcome.retired.push(unused.kid.clone());
            self.ring.past.push(Key { state, since, ..unused });
            return;
        }
        let event = self.event(Action::KeyDestroy, &unused.kid).detail("unused", true);
        self.events.push(event);
        self.shred.push(unused.kid.clone());
        self.outcome.destroyed.push(unused.kid.clone());
        let state = State::Destroyed {
            removed_at: now,
            destroyed_at: now,
            activated_at: None,
            deactivated_at: None,
        };
        self.ring.past.push(Key { state, since, ..unused });
    }

    fn set_policy(
        &mut self,
        policy: Policy,
        event: impl FnOnce(&Self, &[String]) -> Event,
    ) -> Result<(), Error> {
        let changed = differences(&self.ring.policy, &policy);
        if changed.is_empty() {
            return Ok(());
        }
        let event = event(self, &changed).reason(self.reason);
        self.events.push(event);
        self.outcome.changed = changed;
        self.ring.remember_policy(self.now);
        let new_algorithm = policy.algorithm() != self.ring.policy.algorithm();
        self.ring.policy = policy;
        let ttl = self.ring.policy.spec().token_ttl;
        self.ring.active.longest_ttl = self.ring.active.longest_ttl.max(ttl);
        if new_algorithm {
            let fresh = self.fresh_key()?;
            let next = self.publish(fresh);
            self.replace_standby(next);
            self.ring.memory.switch_wanted = None;
            self.want_switch();
        }
        Ok(())
    }

    fn add_consumer(&mut self, consumer: &ConsumerSpec) -> Result<(), Error> {
        let mut spec = self.ring.policy.spec().clone();
        let name = consumer.name().to_owned();
        if spec.consumers.iter().any(|known| known.name() == name) {
            return Err(Error::ConsumerExists { ring: self.ring.name.clone(), consumer: name });
        }
        spec.consumers.push(consumer.clone());
        self.set_policy(Policy::new(spec)?, |work, _| {
            work.ring_event(Action::ConsumerAdd).detail("consumer", name)
        })
    }

    /// A target that is declared already is waited for anew: its copy may be elsewhere now.
    fn add_target(&mut self, name: &TargetName) -> Result<(), Error> {
        self.evidence.expect(name, self.ring.epoch, self.now);
        self.evidence_changed = true;
        if self.ring.policy.consumer(&name.consumer()).is_none() {
            return self.add_consumer(&name.declaration());
        }
        let event = self.ring_event(Action::ConsumerAdd).detail("consumer", name.consumer());
        self.events.push(event);
        Ok(())
    }

    fn remove_consumer(&mut self, name: &str) -> Result<(), Error> {
        let mut spec = self.ring.policy.spec().clone();
        let known: Vec<_> = spec.consumers.iter().map(|known| known.name().to_owned()).collect();
        let ended = self.evidence.end(name, self.now);
        self.evidence_changed |= ended > 0;
        spec.consumers.retain(|consumer| consumer.name() != name);
        if spec.consumers.len() < known.len() {
            return self.set_policy(Policy::new(spec)?, |work, _| {
                work.ring_event(Action::ConsumerRemove)
                    .detail("consumer", name)
                    .detail("instances", ended)
            });
        }
        if ended == 0 {
            let ring = self.ring.name.clone();
            return Err(Error::ConsumerNotFound { ring, consumer: name.to_owned(), known });
        }
        let event = self
            .ring_event(Action::ConsumerRemove)
            .reason(self.reason)
            .detail("consumer", name)
            .detail("instances", ended);
        self.events.push(event);
        Ok(())
    }

    fn assume(&mut self, consumer: &str, instance: Option<&str>) -> Result<(), Error> {
        if self.reason.is_none() {
            return Err(Error::ReasonRequired { what: "answering for a consumer" });
        }
        let declared = self.ring.policy.consumer(consumer).is_some();
        let known = |i: &crate::Instance| {
            i.consumer == consumer && instance.is_none_or(|name| i.instance == name)
        };
        if !self.evidence.instances().iter().any(known) && (!declared || instance.is_some()) {
            let mut known: Vec<_> =
                self.ring.policy.consumers().iter().map(|c| c.name().to_owned()).collect();
            known.extend(self.evidence.instances().iter().map(|i| i.consumer.clone()));
            known.sort_unstable();
            known.dedup();
            return Err(Error::ConsumerNotFound {
                ring: self.ring.name.clone(),
                consumer: match instance {
                    Some(instance) => format!("{consumer}/{instance}"),
                    None => consumer.to_owned(),
                },
                known,
            });
        }
        let instances = self.evidence.assume(consumer, instance, self.ring.epoch, self.now);
        self.evidence_changed = true;
        let mut event = self
            .ring_event(Action::ConsumerAssume)
            .reason(self.reason)
            .detail("consumer", consumer)
            .detail("instances", instances);
        if let Some(instance) = instance {
            event = event.detail("instance", instance);
        }
        self.events.push(event);
        Ok(())
    }

    fn destroy_by_hand(&mut self, kid: &KeyId) -> Result<(), Error> {
        let key = self.ring.key(kid).ok_or_else(|| self.key_not_found(kid))?;
        if !key.state.has_secret() {
            return Ok(());
        }
        if key.state.verifies() {
            return Err(Error::WrongState {
                kid: kid.clone(),
                state: key.state.name(),
                why: "only a retired or revoked key's secret can be destroyed",
            });
        }
        if self.reason.is_none() {
            return Err(Error::ReasonRequired { what: "destroying a secret before its time" });
        }
        self.destroy(kid);
        Ok(())
    }

    fn retire(&mut self, kid: &KeyId) {
        let now = self.now;
        let Some(key) = self.ring.past.iter_mut().find(|key| key.kid == *kid) else { return };
        if let State::Retiring { activated_at, deactivated_at } = key.state {
            key.state = State::Retired { activated_at, deactivated_at, removed_at: now };
            key.since = self.ring.epoch;
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
        let event = self.event(Action::KeyDestroy, kid).reason(self.reason);
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
            published_in: self.ring.epoch,
            since: self.ring.epoch,
            published_at: self.now,
            longest_ttl: self.ring.policy.spec().token_ttl,
            public: fresh.public,
            state: State::Published,
        }
    }

    /// The key that was just put into the active slot begins to sign.
    fn start_active(&mut self) {
        let active = &mut self.ring.active;
        active.state = State::Active { activated_at: self.now };
        active.since = self.ring.epoch;
        // One that signs again may have tokens out with a longer life.
        active.longest_ttl = active.longest_ttl.max(self.ring.policy.spec().token_ttl);
        self.ring.memory.switch_wanted = None;
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

    /// For how many seconds tokens may be refused if the published key signs now, and by whom until
    /// they are restarted.
    fn risk(&self) -> (Option<u64>, Vec<Waiting>) {
        let safety = plan::activation(&self.ring, &self.evidence, self.now);
        let wait = Span::between(self.now, safety.at);
        ((wait > Span::ZERO).then(|| wait.as_millis().div_ceil(1_000)), safety.waits_for)
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
        self.ring_event(action).kid(kid)
    }

    fn ring_event(&self, action: Action) -> Event {
        Event::done(self.actor.clone(), action).ring(&self.ring.name).epoch(self.ring.epoch)
    }
}
