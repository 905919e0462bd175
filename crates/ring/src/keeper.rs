//! The keeper: rings in memory for signing and verifying, and the one way in which they change.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use keytide_jose::key::SigningKey;
use keytide_jose::{KeyId, Rng, Secret};

use crate::apply::{self, Command, FreshKey, Outcome, When};
use crate::clock_watch::ClockWatch;
use crate::explain::Explanation;
use crate::{
    Action, Actor, Changed, Changes, CheckIn, Clock, Commit, Delivery, Epoch, Error, Event,
    Evidence, Policy, PublishedSet, Revision, Ring, RingName, RingStore, SignRequest, Signed,
    Snapshot, Span, Stored, Verification, VerifyRequest, jwks, plan,
};

/// What a keeper is built from.
pub struct KeeperConfig {
    /// Where rings are kept.
    pub store: Arc<dyn RingStore>,
    /// This node's clock.
    pub clock: Arc<dyn Clock>,
    /// Makes a source of randomness for a new key.
    pub rng: Box<dyn Fn() -> Box<dyn Rng> + Send + Sync>,
}

/// What became of a ring that was due.
#[derive(Debug)]
pub struct Turned {
    /// Which ring.
    pub ring: RingName,
    /// What changed, or why nothing could.
    pub result: Result<Outcome, Error>,
}

/// How often a scheduled change is tried again when somebody else was faster.
const TRIES: usize = 4;
/// How many due rings one call takes on, so that a backlog cannot keep it for ever.
const RINGS_PER_TURN: usize = 1_000;
/// A node that heard nothing from its store for longer could not take in what instances said.
const LONGEST_SILENCE: Span = Span::from_secs(5);

/// Signs and verifies from memory; changes rings through the store; hears of others' changes.
///
/// Somebody calls [`Keeper::refresh`] and [`Keeper::turn`] every second or so. A keeper that has not
/// refreshed for longer than a ring's F refuses to sign with it, and beyond its P to publish or
/// verify: an older set must not outlive the terms that the rotation was computed from.
pub struct Keeper {
    store: Arc<dyn RingStore>,
    clock: Arc<dyn Clock>,
    rng: Box<dyn Fn() -> Box<dyn Rng> + Send + Sync>,
    rings: papaya::HashMap<RingName, Arc<Snapshot>>,
    /// The revision up to which memory is current. Whoever reads rings from the store holds it,
    /// so that an older reading never replaces a newer one.
    seen: Mutex<Revision>,
    /// When the last successful refresh began, in milliseconds of the monotonic clock.
    heard_at: AtomicU64,
    /// Tells whether the store's clock can be acted upon.
    watch: Mutex<ClockWatch>,
    /// Until when instances could not be heard, in milliseconds of the store's clock.
    silent_until: AtomicI64,
    /// Who is told when memory moves on.
    hooks: RwLock<Vec<Box<Hook>>>,
}

/// Is told that a ring has another epoch in memory than before, or none because it went.
type Hook = dyn Fn(&RingName, Option<&Arc<Snapshot>>) + Send + Sync;

impl Keeper {
    /// A keeper with nothing in memory yet, current with the store.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn new(config: KeeperConfig) -> Result<Self, Error> {
        let KeeperConfig { store, clock, rng } = config;
        let began = millis(clock.monotonic());
        let (revision, _) = store.changed_since(Revision(u64::MAX))?;
        Ok(Self {
            store,
            clock,
            rng,
            rings: papaya::HashMap::new(),
            seen: Mutex::new(revision),
            heard_at: AtomicU64::new(began),
            watch: Mutex::default(),
            silent_until: AtomicI64::new(i64::MIN),
            hooks: RwLock::default(),
        })
    }

    /// The store behind it, for what is no ring's business: audit and access.
    pub fn store(&self) -> &Arc<dyn RingStore> {
        &self.store
    }

    /// Has `hook` called whenever a ring in memory moves on to another epoch, whichever node changed
    /// it, and with nothing when the ring went. It must not wait, nor change rings.
    pub fn on_change(
        &self,
        hook: impl Fn(&RingName, Option<&Arc<Snapshot>>) + Send + Sync + 'static,
    ) {
        self.hooks.write().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
    }

    /// Says that instances can be heard from now on, and could not before: a server calls it when it
    /// starts. Nobody's lease is taken to have ended meanwhile.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn begin_to_listen(&self) -> Result<(), Error> {
        self.silent_until.fetch_max(self.store.now()?.as_millisecond(), Ordering::AcqRel);
        Ok(())
    }

    /// Makes a ring with an active key and a published one.
    ///
    /// # Errors
    /// `ring_exists`, or a failure of the store.
    pub fn create(
        &self,
        name: &RingName,
        policy: Policy,
        actor: &Actor,
    ) -> Result<Arc<Snapshot>, Error> {
        self.make(name, policy, None, actor)
    }

    /// Makes a symmetric ring whose active key is a secret that was brought from elsewhere, where programs
    /// sign with it already: it is followed by a key of the ring's own as soon as that is safe. Whoever
    /// brings it has judged it; only what no algorithm can take is refused here.
    ///
    /// # Errors
    /// As [`Keeper::create`]; `weak_key` for a secret that is too short, `secret_in_use` for one that
    /// another ring has, `key_alg_mismatch` for a ring that is not symmetric.
    pub fn adopt(
        &self,
        name: &RingName,
        policy: Policy,
        secret: &Secret,
        actor: &Actor,
    ) -> Result<Arc<Snapshot>, Error> {
        self.make(name, policy, Some(secret), actor)
    }

    fn make(
        &self,
        name: &RingName,
        policy: Policy,
        brought: Option<&Secret>,
        actor: &Actor,
    ) -> Result<Arc<Snapshot>, Error> {
        policy.check_no_targets()?;
        if self.store.load(name).is_ok() {
            let error = Error::RingExists { ring: name.clone() };
            self.record_refusal(name, Action::RingCreate, actor, &error);
            return Err(error);
        }
        let first = match brought {
            Some(secret) => {
                let kid = KeyId::random((self.rng)().as_mut())?;
                SigningKey::from_secret(policy.algorithm(), secret.expose())?.with_key_id(kid)
            }
            None => self.make_key(&policy)?,
        };
        let keys = [first, self.make_key(&policy)?];
        let made = self.store.create(name, &keys, &mut |epoch: Epoch, now: Timestamp| {
            let first = FreshKey { is_brought: brought.is_some(), ..FreshKey::of(&keys[0]) };
            let fresh = [first, FreshKey::of(&keys[1])];
            apply::create(name.clone(), policy.clone(), epoch, fresh, actor, now)
        });
        if let Err(error) = made {
            self.record_refusal(name, Action::RingCreate, actor, &error);
            return Err(error);
        }
        self.reload(name)
    }

    /// The ring as it stands in memory, read from the store the first time.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    pub fn snapshot(&self, name: &RingName) -> Result<Arc<Snapshot>, Error> {
        self.loaded(name).map_or_else(|| self.reload(name), Ok)
    }

    /// The ring, if it is in memory already: never touches the store.
    pub fn loaded(&self, name: &RingName) -> Option<Arc<Snapshot>> {
        self.rings.pin().get(name).map(Arc::clone)
    }

    /// Signs claims with the ring's active key.
    ///
    /// # Errors
    /// `fenced`, or a refusal of [`Snapshot::sign`].
    pub fn sign(&self, name: &RingName, request: SignRequest) -> Result<Signed, Error> {
        let snapshot = self.snapshot(name)?;
        let spec = snapshot.ring().policy().spec();
        self.check_fence(spec.signer_lag.min(spec.propagation), "the lag of signers F")?;
        snapshot.sign(request, self.clock.now())
    }

    /// Verifies a token against the ring's keys.
    ///
    /// # Errors
    /// `fenced`, or a refusal of [`Snapshot::verify`].
    pub fn verify(&self, name: &RingName, request: &VerifyRequest) -> Result<Verification, Error> {
        let snapshot = self.snapshot(name)?;
        self.check_fence(snapshot.ring().policy().spec().propagation, "the propagation P")?;
        snapshot.verify(request, self.clock.now())
    }

    /// The ring's public set, to be cached until the next key is to leave it, or for `max-age`.
    ///
    /// # Errors
    /// `fenced`, `symmetric_ring`, `ring_not_found`, or a failure of the store.
    pub fn published(&self, name: &RingName) -> Result<PublishedSet, Error> {
        let snapshot = self.snapshot(name)?;
        self.check_fence(snapshot.ring().policy().spec().propagation, "the propagation P")?;
        let mut set = snapshot.published()?.clone();
        set.cache_control = jwks::cache_control(snapshot.ring(), self.clock.now());
        Ok(set)
    }

    /// Does to a ring what somebody asks, if the rules permit it at the store's time.
    ///
    /// # Errors
    /// The rule that forbids it, which is recorded; `clock_jumped`, but for a revocation and a forced
    /// switch; or a failure of the store.
    pub fn command(
        &self,
        name: &RingName,
        command: Command,
        actor: &Actor,
    ) -> Result<Changed, Error> {
        let result = self.try_command(name, &command, actor);
        // What was committed is the answer, whether or not it can be read back now.
        let _read_again_when_used = self.reload(name);
        if let Err(error) = &result
            // What the schedule could not do yet it tries again in a second.
            && command != Command::Turn
        {
            self.record_refusal(name, command.action(), actor, error);
        }
        result
    }

    /// Destroys a ring and all of its secrets.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    pub fn destroy(
        &self,
        name: &RingName,
        actor: &Actor,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let seen = self.lock();
        let result = self.store.destroy(name, actor, reason);
        self.forget(name);
        drop(seen);
        if let Err(error) = &result {
            self.record_refusal(name, Action::RingDestroy, actor, error);
        }
        result
    }

    /// What the ring will do next, and why not now.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    pub fn explain(&self, name: &RingName) -> Result<Explanation, Error> {
        let (ring, evidence) = self.known(name)?;
        Ok(Explanation::of(&ring, &evidence, self.store.now()?))
    }

    /// What [`Self::create`] would make; nothing is made. Its keys have no names yet.
    ///
    /// # Errors
    /// `ring_exists`, or a failure of the store.
    pub fn try_create(&self, name: &RingName, policy: Policy) -> Result<Changed, Error> {
        policy.check_no_targets()?;
        match self.store.load(name) {
            Ok(_) => Err(Error::RingExists { ring: name.clone() }),
            Err(Error::RingNotFound { .. }) => {
                Ok(Changed::to_be_made(name.clone(), policy, self.store.now()?))
            }
            Err(error) => Err(error),
        }
    }

    /// What [`Self::destroy`] would destroy; nothing is done.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    pub fn try_destroy(&self, name: &RingName) -> Result<Changed, Error> {
        let Stored { ring, .. } = self.store.load(name)?;
        let with_secret = ring.keys().filter(|key| key.state.has_secret());
        let destroyed = with_secret.map(|key| key.kid.clone()).collect();
        let outcome = Outcome { destroyed, ..Outcome::default() };
        Ok(Changed { dry_run: true, ..Changed::of(&ring, outcome) })
    }

    /// What a command would do to the ring now, and what the ring would do from then on; nothing is
    /// done. A key that it would make is called `(new)`.
    ///
    /// # Errors
    /// The rule that would forbid it, or a failure of the store.
    pub fn try_out(&self, name: &RingName, mut command: Command) -> Result<Changed, Error> {
        self.check_clock(&command)?;
        let (ring, evidence) = self.known(name)?;
        name_standby(&mut command, &ring);
        let now = self.store.now()?;
        let (ring, evidence, outcome) = match apply::check(&ring, &evidence, &command, now)? {
            Some(Changes { ring: after, evidence: learnt, outcome, .. }) => {
                (after, learnt.unwrap_or(evidence), outcome)
            }
            None => {
                let outcome = command.standing(&ring);
                (ring, evidence, outcome)
            }
        };
        let explain = Some(Box::new(Explanation::of(&ring, &evidence, now)));
        Ok(Changed { dry_run: true, explain, ..Changed::of(&ring, outcome) })
    }

    /// Takes in what an instance of a consumer says of itself, delivers the set, and makes the switch
    /// that waited for its word.
    ///
    /// # Errors
    /// `bad_check_in`, `ring_not_found`, `clock_jumped`, or a failure of the store.
    pub fn check_in(
        &self,
        name: &RingName,
        said: &CheckIn,
        actor: &Actor,
    ) -> Result<Delivery, Error> {
        // An acknowledgement or a lease with a wrong time on it would mislead for long after.
        self.trusted_now()?;
        let stored = self.store.check_in(name, said, actor)?;
        if said.epoch.is_none() {
            return Delivery::to(&stored, said);
        }
        let now = self.store.now()?;
        let evidence = self.allow_for_silence(&stored.ring, stored.evidence.clone());
        if plan::due(&stored.ring, &evidence, now).is_empty() {
            let next = plan::next_due(&stored.ring, &evidence, now);
            self.store.look_again(name, stored.ring.epoch(), next)?;
            return Delivery::to(&stored, said);
        }
        self.command(name, Command::Turn, &Actor::schedule())?;
        Delivery::to(&self.store.load(name)?, said)
    }

    /// The set by role, for those that hold keys of their own.
    ///
    /// # Errors
    /// `ring_not_found`, or a failure of the store.
    pub fn delivery(&self, name: &RingName) -> Result<Delivery, Error> {
        Delivery::of(&self.store.load(name)?)
    }

    /// Hears of what changed in the store since the last call.
    ///
    /// # Errors
    /// A failure of the store; this keeper fences itself when that goes on for too long.
    pub fn refresh(&self) -> Result<(), Error> {
        let mut seen = self.lock();
        let began = millis(self.clock.monotonic());
        let (revision, changed) = self.store.changed_since(*seen)?;
        if self.refresh_age() > LONGEST_SILENCE {
            self.begin_to_listen()?;
        }
        let rings = self.rings.pin();
        for name in changed {
            if rings.contains_key(&name) {
                match self.store.load(&name).and_then(Snapshot::new) {
                    Ok(snapshot) => self.remember(&name, Arc::new(snapshot)),
                    // Gone, or not to be trusted: the next caller reads it again and is told.
                    Err(_) => self.forget(&name),
                }
            }
        }
        *seen = revision;
        self.heard_at.store(began, Ordering::Relaxed);
        Ok(())
    }

    /// Turns every ring that is due. Call it as often as the shortest wait that matters.
    ///
    /// # Errors
    /// `clock_jumped`, or a failure of the store to say which rings are due. What becomes of each
    /// is in the answer.
    pub fn turn(&self) -> Result<Vec<Turned>, Error> {
        let actor = Actor::schedule();
        let due = self.store.due(self.trusted_now()?, RINGS_PER_TURN)?;
        Ok(due
            .into_iter()
            .map(|ring| {
                let turned = self.command(&ring, Command::Turn, &actor);
                let result = turned.map(|changed| changed.outcome);
                Turned { ring, result }
            })
            .collect())
    }

    /// Turns one ring if it is due.
    ///
    /// # Errors
    /// `ring_not_found`, `clock_jumped`, or a failure of the store.
    pub fn turn_ring(&self, name: &RingName) -> Result<(), Error> {
        let (ring, evidence) = self.known(name)?;
        if !plan::due(&ring, &evidence, self.trusted_now()?).is_empty() {
            self.command(name, Command::Turn, &Actor::schedule())?;
        }
        Ok(())
    }

    /// Whether this node heard from its store recently enough to serve at all.
    ///
    /// # Errors
    /// `fenced`, with the time since it last did.
    pub fn check_fence(&self, limit: Span, what: &'static str) -> Result<(), Error> {
        let age = self.refresh_age();
        if age > limit { Err(Error::Fenced { age, what, limit }) } else { Ok(()) }
    }

    /// How long ago the last successful refresh began.
    pub fn refresh_age(&self) -> Span {
        let heard_at = self.heard_at.load(Ordering::Relaxed);
        Span::from_millis(millis(self.clock.monotonic()).saturating_sub(heard_at))
    }

    /// The ring as it stands in the store, and what is known of its instances.
    fn known(&self, name: &RingName) -> Result<(Ring, Evidence), Error> {
        let Stored { ring, evidence, .. } = self.store.load(name)?;
        let evidence = self.allow_for_silence(&ring, evidence);
        Ok((ring, evidence))
    }

    fn allow_for_silence(&self, ring: &Ring, evidence: Evidence) -> Evidence {
        match Timestamp::from_millisecond(self.silent_until.load(Ordering::Acquire)) {
            Ok(until) => evidence.unheard_until(ring.policy(), until),
            // It has listened ever since it was made, or nobody speaks to it.
            Err(_) => evidence,
        }
    }

    fn try_command(
        &self,
        name: &RingName,
        command: &Command,
        actor: &Actor,
    ) -> Result<Changed, Error> {
        self.check_clock(command)?;
        let mut command = command.clone();
        let mut conflict = None;
        for _ in 0..TRIES {
            let (ring, evidence) = self.known(name)?;
            name_standby(&mut command, &ring);
            let now = self.store.now()?;
            // What is refused is refused before a key is made for it: that may take a second.
            apply::check(&ring, &evidence, &command, now)?;
            let fresh = command
                .fresh_key_policy(&ring, &evidence, now)
                .map(|policy| self.make_key(&policy))
                .transpose()?;
            let commit = Commit { ring: name, expected: ring.epoch(), fresh: fresh.as_ref() };
            let decided = self.store.commit(commit, &mut |now, evidence| {
                let evidence = self.allow_for_silence(&ring, evidence.clone());
                apply::apply(
                    &ring,
                    &evidence,
                    &command,
                    fresh.as_ref().map(FreshKey::of),
                    actor,
                    now,
                )
            });
            match decided {
                Ok(Some(changes)) => return Ok(Changed::of(&changes.ring, changes.outcome)),
                Ok(None) => {
                    if command == Command::Turn {
                        let next = plan::next_due(&ring, &evidence, now);
                        self.store.look_again(name, ring.epoch(), next)?;
                    }
                    return Ok(Changed::of(&ring, command.standing(&ring)));
                }
                Err(error @ Error::Conflict { .. }) => conflict = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(conflict.unwrap_or_else(|| Error::RingNotFound { ring: name.clone() }))
    }

    /// The store's time, if it can be acted upon without somebody asking for it.
    fn trusted_now(&self) -> Result<Timestamp, Error> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.store.now()?;
        match watch.look(now, self.clock.monotonic()) {
            Some(off) => Err(Error::ClockJumped { by: format!("{off:#}") }),
            None => Ok(now),
        }
    }

    /// Refuses what would go by a wrong time or leave one behind. An emergency is not kept waiting.
    fn check_clock(&self, command: &Command) -> Result<(), Error> {
        match command {
            Command::Revoke { .. } | Command::Activate { when: When::Forced, .. } => Ok(()),
            _ => self.trusted_now().map(drop),
        }
    }

    fn reload(&self, name: &RingName) -> Result<Arc<Snapshot>, Error> {
        let _seen = self.lock();
        match self.store.load(name).and_then(Snapshot::new) {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                self.remember(name, Arc::clone(&snapshot));
                Ok(snapshot)
            }
            Err(error) => {
                // A store that cannot be reached says nothing about the ring; anything else does.
                if !matches!(error, Error::Store(_)) || is_verdict(&error) {
                    self.forget(name);
                }
                Err(error)
            }
        }
    }

    /// Whoever calls this or [`Self::forget`] holds `seen`.
    fn remember(&self, name: &RingName, snapshot: Arc<Snapshot>) {
        let rings = self.rings.pin();
        let before = rings.get(name).map(|before| before.ring().epoch());
        let now = snapshot.ring().epoch();
        rings.insert(name.clone(), Arc::clone(&snapshot));
        if before != Some(now) {
            self.tell(name, Some(&snapshot));
        }
    }

    fn forget(&self, name: &RingName) {
        if self.rings.pin().remove(name).is_some() {
            self.tell(name, None);
        }
    }

    fn tell(&self, name: &RingName, snapshot: Option<&Arc<Snapshot>>) {
        let hooks = self.hooks.read().unwrap_or_else(PoisonError::into_inner);
        hooks.iter().for_each(|hook| hook(name, snapshot));
    }

    fn make_key(&self, policy: &Policy) -> Result<SigningKey, Error> {
        let mut rng = (self.rng)();
        Ok(SigningKey::generate(policy.algorithm(), policy.spec().rsa_bits, rng.as_mut())?)
    }

    /// Refused attempts are recorded where that is possible; the refusal stands either way.
    fn record_refusal(&self, name: &RingName, action: Action, actor: &Actor, error: &Error) {
        let is_refusal = !matches!(error, Error::Store(_) | Error::RingNotFound { .. });
        if is_refusal {
            let event = Event::refused(actor.clone(), action, error.code()).ring(name);
            let _unrecordable = self.store.record(&event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Revision> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever asks for a switch means the key that is published now, not the one after it.
fn name_standby(command: &mut Command, ring: &Ring) {
    if let Command::Activate { kid: kid @ None, .. } = command {
        *kid = Some(ring.standby().kid.clone());
    }
}

/// Whether the store's failure is a verdict on the stored ring rather than on the way to it.
fn is_verdict(error: &Error) -> bool {
    use crate::StoreError::{Tampered, TooNew, WrongMasterKey};
    matches!(error, Error::Store(Tampered { .. } | WrongMasterKey | TooNew { .. }))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
