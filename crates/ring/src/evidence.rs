//! Who has loaded which epoch: the running instances of a ring's consumers, their leases and acknowledgements.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::consumer::Role;
use crate::mutant::{Mutant, broken};
use crate::{Action, Actor, Epoch, Error, Event, Policy, Ring, Span, TargetName, target};

/// One running process of a consumer, as far as it has been heard of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// The consumer that it belongs to.
    pub consumer: String,
    /// Its own name among the consumer's instances.
    pub instance: String,
    /// Whose credential it comes with; nobody else speaks for it while its lease runs.
    pub subject: String,
    /// Whether keys were delivered to it under that credential.
    #[serde(default)]
    pub delivered: bool,
    /// The oldest epoch that it may be using or have used.
    pub from: Epoch,
    /// What it acknowledged, oldest first.
    #[serde(default)]
    pub loaded: Vec<Loaded>,
    /// When it was first heard of.
    pub since: Timestamp,
    /// Until when it counts as live unless it is heard of again.
    pub lease_until: Timestamp,
}

/// An epoch that an instance works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Loaded {
    /// Which.
    pub epoch: Epoch,
    /// When that was recorded, by the store's clock.
    pub at: Timestamp,
    /// Whether an operator said so in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
}

/// What an instance says when it asks for keys or acknowledges them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// The consumer.
    pub consumer: String,
    /// The instance: a host or pod name, with a process number where several share it.
    pub instance: String,
    /// The epoch that it has loaded: a process that works with it, not a message received.
    #[serde(default)]
    pub epoch: Option<Epoch>,
}

impl CheckIn {
    /// What the log keeps where this is the first time that keys go to the instance.
    pub fn first_delivery(&self, ring: &Ring, evidence: &Evidence, actor: &Actor) -> Option<Event> {
        let first = self.epoch.is_none() && !evidence.was_delivered(self, &actor.subject);
        first.then(|| {
            Event::done(actor.clone(), Action::KeyDeliver)
                .ring(ring.name())
                .detail("at_epoch", ring.epoch())
                .detail("consumer", &self.consumer)
                .detail("instance", &self.instance)
        })
    }
}

/// Somebody whose acknowledgement a change waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The consumer.
    pub consumer: String,
    /// The instance; none when none of the consumer's was ever heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The epoch that it must have loaded.
    pub needs: Epoch,
    /// The epoch that it has loaded, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded: Option<Epoch>,
    /// Since when it has been waited for.
    pub since: Timestamp,
    /// When its lease ends, and the wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { consumer, instance, needs, loaded, since, lease_until } = self;
        let since = Timestamp::from_second(since.as_second()).unwrap_or(*since);
        if let Some(target) = target::target_of(consumer) {
            write!(f, "target `{target}` ")?;
            match loaded {
                Some(loaded) => write!(f, "holds a copy of epoch {loaded}")?,
                None => write!(f, "holds no copy yet")?,
            }
            return write!(f, ", and epoch {needs} waits for it since {since}");
        }
        let Some(instance) = instance else {
            return write!(
                f,
                "no instance of consumer `{consumer}` has been heard of, and epoch {needs} waits \
                 for it since {since}"
            );
        };
        write!(f, "instance `{instance}` of consumer `{consumer}` ")?;
        match loaded {
            Some(loaded) => write!(f, "works with epoch {loaded}")?,
            None => write!(f, "has loaded nothing yet")?,
        }
        write!(f, ", and epoch {needs} waits for it since {since}")?;
        match lease_until {
            Some(until) => write!(f, "; its lease ends at {until}"),
            None => Ok(()),
        }
    }
}

/// Everything known of a ring's instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence {
    instances: Vec<Instance>,
}

/// How many instances a ring keeps count of.
const MOST_INSTANCES: usize = 1_000;
/// How many acknowledgements of an instance are remembered.
const MOST_LOADED: usize = 16;
/// The longest name of a consumer or an instance, in bytes.
const LONGEST_NAME: usize = 128;

impl Instance {
    /// Whether its lease runs at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.lease_until
    }

    /// The epoch that it works with.
    pub fn epoch(&self) -> Option<Epoch> {
        self.loaded.last().map(|loaded| loaded.epoch)
    }

    /// When it was first known to work with `epoch` or a later one.
    pub fn reached(&self, epoch: Epoch) -> Option<Timestamp> {
        self.loaded.iter().find(|loaded| loaded.epoch >= epoch).map(|loaded| loaded.at)
    }

    fn load(&mut self, loaded: Loaded) {
        // One that came back with an older set works with that one.
        self.loaded.retain(|known| known.epoch <= loaded.epoch);
        self.from = self.from.min(loaded.epoch);
        if self.epoch() != Some(loaded.epoch) {
            self.loaded.push(loaded);
        }
        let surplus = self.loaded.len().saturating_sub(MOST_LOADED);
        self.loaded.drain(..surplus);
    }
}

impl Evidence {
    /// From instances as they were stored.
    pub fn new(mut instances: Vec<Instance>) -> Self {
        instances.sort_by(|a, b| (&a.consumer, &a.instance).cmp(&(&b.consumer, &b.instance)));
        Self { instances }
    }

    /// Every instance, by consumer and name.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// Takes in what an instance says of itself at `now`, the store's time: its lease runs anew, and
    /// an epoch that it loaded is acknowledged. Gives the instance as it now stands.
    ///
    /// # Errors
    /// `bad_check_in` for a name that is none, an epoch that the ring has not reached, or an instance
    /// that another subject speaks for; `too_many_instances`.
    pub fn check_in(
        &mut self,
        ring: &Ring,
        said: &CheckIn,
        subject: &str,
        now: Timestamp,
    ) -> Result<&Instance, Error> {
        let bad = |why: String| Error::BadCheckIn { ring: ring.name().clone(), why };
        for (what, name) in [("consumer", &said.consumer), ("instance", &said.instance)] {
            if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
                return Err(bad(format!(
                    "the name of the {what} must have 1 to {LONGEST_NAME} printable bytes"
                )));
            }
        }
        if let Some(epoch) = said.epoch.filter(|epoch| *epoch > ring.epoch()) {
            return Err(bad(format!(
                "epoch {epoch} was acknowledged, and the ring is at epoch {}",
                ring.epoch()
            )));
        }
        if target::target_of(&said.consumer).is_some() {
            if subject != target::SUBJECT {
                let consumer = &said.consumer;
                return Err(bad(format!("nobody speaks for `{consumer}` but who keeps the copy")));
            }
            if ring.policy().consumer(&said.consumer).is_none() {
                return Err(bad(format!("`{}` is no target of the ring", said.consumer)));
            }
        }
        let lease = ring.policy().lease_of(&said.consumer);
        self.prune(ring.policy(), ring.forgets_before(now));
        let key = (said.consumer.as_str(), said.instance.as_str());
        let found = self.instances.binary_search_by(|i| (&*i.consumer, &*i.instance).cmp(&key));
        let place = match found {
            Ok(place) => place,
            Err(_) if self.instances.len() >= MOST_INSTANCES => {
                return Err(Error::TooManyInstances {
                    ring: ring.name().clone(),
                    limit: MOST_INSTANCES,
                });
            }
            Err(place) => {
                let new = Instance {
                    consumer: said.consumer.clone(),
                    instance: said.instance.clone(),
                    subject: subject.to_owned(),
                    delivered: false,
                    from: said.epoch.unwrap_or(ring.epoch()),
                    loaded: Vec::new(),
                    since: now,
                    lease_until: now,
                };
                self.instances.insert(place, new);
                place
            }
        };
        let instance = &mut self.instances[place];
        if instance.subject != subject {
            if instance.is_live(now) {
                return Err(bad(format!(
                    "instance `{}` of consumer `{}` comes with another credential, and its lease \
                     runs until {}",
                    instance.instance, instance.consumer, instance.lease_until
                )));
            }
            subject.clone_into(&mut instance.subject);
            instance.delivered = false;
        }
        instance.delivered |= said.epoch.is_none();
        instance.lease_until = instance.lease_until.max(lease.after(now));
        if let Some(epoch) = said.epoch {
            instance.load(Loaded { epoch, at: now, assumed: false });
        }
        Ok(instance)
    }

    /// A target is to hold a copy from now on. It is waited for until it does, for as long as that
    /// takes, whatever an earlier one of its name held.
    pub(crate) fn expect(&mut self, target: &TargetName, epoch: Epoch, now: Timestamp) {
        let CheckIn { consumer, instance, .. } = target.check_in(None);
        let before = self.of(&consumer).map(|known| known.from).min();
        self.instances.retain(|known| known.consumer != consumer);
        self.instances.push(Instance {
            consumer,
            instance,
            subject: target::SUBJECT.to_owned(),
            delivered: false,
            from: before.map_or(epoch, |before| before.min(epoch)),
            loaded: Vec::new(),
            since: now,
            lease_until: Timestamp::MAX,
        });
        *self = Self::new(std::mem::take(&mut self.instances));
    }

    /// Takes an operator's word that a consumer, or one instance of it, works with `epoch`.
    /// Gives how many instances that concerned.
    pub(crate) fn assume(
        &mut self,
        consumer: &str,
        instance: Option<&str>,
        epoch: Epoch,
        now: Timestamp,
    ) -> usize {
        let mut concerned = 0;
        for known in &mut self.instances {
            if known.consumer == consumer && instance.is_none_or(|name| known.instance == name) {
                known.load(Loaded { epoch, at: now, assumed: true });
                concerned += 1;
            }
        }
        if concerned == 0 && instance.is_none() {
            // None was ever heard of; from now on none is waited for before it is.
            self.instances.push(Instance {
                consumer: consumer.to_owned(),
                instance: ASSUMED.to_owned(),
                subject: String::new(),
                delivered: false,
                from: epoch,
                loaded: vec![Loaded { epoch, at: now, assumed: true }],
                since: now,
                lease_until: now,
            });
            *self = Self::new(std::mem::take(&mut self.instances));
            concerned = 1;
        }
        concerned
    }

    /// Whether keys were delivered to this instance under this subject before.
    pub fn was_delivered(&self, said: &CheckIn, subject: &str) -> bool {
        self.of(&said.consumer).any(|known| {
            known.instance == said.instance && known.subject == subject && known.delivered
        })
    }

    /// A consumer is no more: its leases end. What its instances signed with until now is remembered.
    /// Gives how many there were.
    pub(crate) fn end(&mut self, consumer: &str, now: Timestamp) -> usize {
        let own = self.instances.iter_mut().filter(|known| known.consumer == consumer);
        own.filter(|known| known.is_live(now)).map(|known| known.lease_until = now).count()
    }

    /// Takes every lease to run for one term more from `at` on: whoever could not be heard until then
    /// could not renew it either.
    #[must_use]
    pub(crate) fn unheard_until(mut self, policy: &Policy, at: Timestamp) -> Self {
        let may_lapse = |known: &&mut Instance| {
            known.instance != ASSUMED && target::target_of(&known.consumer).is_none()
        };
        for known in self.instances.iter_mut().filter(may_lapse) {
            let lease = policy.lease_of(&known.consumer);
            known.lease_until = known.lease_until.max(lease.after(at));
        }
        self
    }

    /// Forgets instances whose lease ended before `before`, but for the last of each declared
    /// consumer.
    pub(crate) fn prune(&mut self, policy: &Policy, before: Timestamp) {
        if self.instances.iter().all(|known| known.lease_until >= before) {
            return;
        }
        let last = |known: &Instance| (known.lease_until, known.instance.clone());
        let all = self.instances.clone();
        self.instances.retain(|known| {
            let own = all.iter().filter(|other| other.consumer == known.consumer);
            known.lease_until >= before
                || (policy.consumer(&known.consumer).is_some()
                    && own.map(last).max() == Some(last(known)))
        });
    }

    /// Whether at least one instance of the consumer is live, and all that are have loaded `epoch`.
    pub(crate) fn proves(&self, consumer: &str, epoch: Epoch, now: Timestamp) -> bool {
        let mut live = self.of(consumer).filter(|known| known.is_live(now)).peekable();
        live.peek().is_some() && live.all(|known| known.epoch() >= Some(epoch))
    }

    /// Whom a change waits for that needs `epoch` loaded by everybody in `role` whom no timer
    /// bounds. `since` is when the epoch came to be.
    pub(crate) fn lagging(
        &self,
        policy: &Policy,
        role: Role,
        (epoch, since): (Epoch, Timestamp),
        now: Timestamp,
    ) -> Vec<Waiting> {
        if broken(Mutant::NoAcknowledgement) {
            return Vec::new();
        }
        let mut lagging = Vec::new();
        for known in &self.instances {
            let waited_for = match policy.consumer(&known.consumer) {
                Some(consumer) => {
                    // Until it stops signing, a key is in use however soon others hear of it.
                    (consumer.acknowledges() || role == Role::Signer)
                        && policy.role_of(consumer).covers(role)
                }
                // Whom nobody declared is counted at max-age, unless he holds the secret itself.
                None => policy.algorithm().is_symmetric() && policy.default_role().covers(role),
            };
            if waited_for && known.is_live(now) && known.epoch() < Some(epoch) {
                lagging.push(Waiting {
                    consumer: known.consumer.clone(),
                    instance: Some(known.instance.clone()),
                    needs: epoch,
                    loaded: known.epoch(),
                    since: since.max(known.since),
                    lease_until: Some(known.lease_until).filter(|end| *end < Timestamp::MAX),
                });
            }
        }
        for consumer in policy.consumers().iter().filter(|consumer| consumer.acknowledges()) {
            let covered = policy.role_of(consumer).covers(role);
            let assumed =
                |known: &Instance| known.instance == ASSUMED && known.epoch() < Some(epoch);
            if covered && self.of(consumer.name()).all(assumed) {
                lagging.push(Waiting {
                    consumer: consumer.name().to_owned(),
                    instance: None,
                    needs: epoch,
                    loaded: None,
                    since,
                    lease_until: None,
                });
            }
        }
        lagging
    }

    /// The last instant at which a signing instance may have used a key that stopped in `epoch`.
    pub(crate) fn last_signed(&self, policy: &Policy, epoch: Epoch) -> Option<Timestamp> {
        let signs = |known: &&Instance| {
            policy
                .consumer(&known.consumer)
                .map_or(policy.default_role(), |consumer| policy.role_of(consumer))
                .covers(Role::Signer)
        };
        self.instances
            .iter()
            .filter(signs)
            .filter(|known| known.from < epoch)
            .map(|known| known.reached(epoch).unwrap_or(known.lease_until))
            // A lease without an end is no time to wait for: its word is.
            .filter(|last| *last < Timestamp::MAX)
            .max()
    }

    fn of<'a>(&'a self, consumer: &'a str) -> impl Iterator<Item = &'a Instance> {
        self.instances.iter().filter(move |known| known.consumer == consumer)
    }
}

/// How long an instance counts as live after it was heard of, if its consumer says no more.
pub(crate) const DEFAULT_LEASE: Span = Span::from_secs(60);
/// Stands for the instances of a consumer that nobody ever heard of, by an operator's word.
const ASSUMED: &str = "(assumed)";
