//! The model check: every interleaving, on small bounds, of what may happen to a ring and those that work with it.
//!
//! `timers` is a ring whose public set travels through caches; `words` one whose secret lives in
//! processes that acknowledge what they have loaded. Both drive the real `apply`, `plan` and
//! `Evidence`. Each rule is also broken on purpose ([`Mutant`]): a check that did not notice would prove
//! nothing.
//!
//! Time goes by in ticks of 2 s, and every term of the inequality is one tick long: P, C, F, L, σ and
//! `2ε`. A rule that leaves one of them out is a whole tick short. Where a clock may err, the worst
//! that ε permits is assumed for each participant apart: a signer's clock is ahead by ε, a verifier's
//! behind by ε, and a cache that measures its hold by its own clock may hold for `2ε` longer.

mod timers;
mod words;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use keytide_jose::{Algorithm, KeyId};
use stateright::{Checker, Expectation, HasDiscoveries, Model};

use crate::apply::{self, Changes, Command, FreshKey};
use crate::mutant::{self, Mutant};
use crate::{Actor, Commit, Epoch, Error, Evidence, Policy, PolicySpec, Ring, RingName, Span};

/// How long a tick is.
const TICK: Span = Span::from_secs(2);

/// An instant, counted in ticks from when the ring was made.
type Tick = i64;

fn instant(tick: Tick) -> Timestamp {
    let start = Timestamp::from_second(1_767_225_600).expect("a date of this century");
    start + SignedDuration::from_secs(2 * tick)
}

/// Whole ticks in a span, rounded up.
fn ticks(span: Span) -> Tick {
    i64::try_from(span.as_millis().div_ceil(TICK.as_millis())).expect("a short span")
}

fn name() -> RingName {
    "model.test".parse().expect("a ring's name")
}

fn policy(json: &str) -> Policy {
    let spec: PolicySpec = serde_json::from_str(json).expect("a policy");
    Policy::new(spec).expect("a policy that holds")
}

/// A key that only the rules see.
fn paper_key(number: u8) -> FreshKey {
    FreshKey {
        kid: format!("k{number}").parse().expect("a key's name"),
        algorithm: Algorithm::HS256,
        public: None,
        is_brought: false,
    }
}

/// A ring at one epoch, cheap to copy and to compare.
#[derive(Clone)]
struct Version {
    ring: Arc<Ring>,
    digest: u64,
}

impl Version {
    fn new(ring: Ring) -> Self {
        let mut hasher = DefaultHasher::new();
        ring.epoch().hash(&mut hasher);
        ring.memory().hash(&mut hasher);
        for key in ring.keys() {
            let times = (key.published_at, key.longest_ttl);
            (&key.kid, key.born, key.published_in, key.since, times).hash(&mut hasher);
            key.state.hash(&mut hasher);
        }
        for consumer in ring.policy().consumers() {
            consumer.name().hash(&mut hasher);
        }
        let spec = ring.policy().spec();
        (spec.token_ttl, ring.policy().max_age(), spec.propagation).hash(&mut hasher);
        Self { ring: Arc::new(ring), digest: hasher.finish() }
    }

    fn created(policy: Policy) -> Self {
        let keys = [paper_key(0), paper_key(1)];
        let actor = Actor::schedule();
        Self::new(apply::create(name(), policy, Epoch::new(1), keys, &actor, instant(0)).ring)
    }

    fn verifies(&self, kid: &KeyId) -> bool {
        self.ring.verifying().any(|key| key.kid == *kid)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}:", self.ring.epoch())?;
        self.ring.keys().try_for_each(|key| write!(f, " {} {}", key.kid, key.state.name()))
    }
}

/// A token that is out there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Token {
    kid: KeyId,
    /// The last tick at which somebody may accept it.
    until: Tick,
}

impl Token {
    /// Signed at `now` by the ring's active key, with the longest life that the ring permits, by a
    /// clock that is ahead by ε; accepted by one that is behind by ε, with the largest leeway.
    fn minted(by: &Version, now: Tick) -> Self {
        let spec = by.ring.policy().spec();
        let life = spec.token_ttl + spec.leeway + spec.clock_error.twice();
        Self { kid: by.ring.active().kid.clone(), until: now + ticks(life) }
    }
}

/// Applies a command to `base`, and commits the result over `found`, as the keeper and a store do.
fn commit(
    broken: Option<Mutant>,
    (base, found): (&Version, &Version),
    evidence: &Evidence,
    command: &Command,
    fresh: u8,
    now: Timestamp,
) -> Result<Option<Changes>, Error> {
    mutant::with(broken, || {
        let commit = Commit { ring: base.ring.name(), expected: base.ring.epoch(), fresh: None };
        commit.check_epoch(found.ring.epoch())?;
        let fresh = Some(paper_key(fresh));
        apply::apply(&base.ring, evidence, command, fresh, &Actor::schedule(), now)
    })
}

/// What an exploration found.
struct Explored {
    name: &'static str,
    states: usize,
    whole: bool,
    /// The promises that were broken, each with the shortest way there.
    broken: Vec<(&'static str, String)>,
    /// What was to happen somewhere, and did not.
    missed: Vec<&'static str>,
}

/// Explores every state within a model's bounds, or up to the first promise that is broken.
fn explored<M>(name: &'static str, model: M) -> Explored
where
    M: Model + Send + Sync + 'static,
    M::State: fmt::Debug + Hash + PartialEq + Clone + Send + Sync,
    M::Action: fmt::Debug + PartialEq + Clone,
{
    let properties = model.properties();
    let checker =
        model.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let mut found = checker.discoveries();
    let (mut broken, mut missed) = (Vec::new(), Vec::new());
    for property in &properties {
        match (&property.expectation, found.remove(property.name)) {
            (Expectation::Sometimes, None) => missed.push(property.name),
            (Expectation::Always, Some(path)) => {
                let acts: Vec<_> =
                    path.into_actions().iter().map(|act| format!("{act:?}")).collect();
                broken.push((property.name, acts.join(", ")));
            }
            _ => {}
        }
    }
    let states = checker.unique_state_count();
    Explored { name, states, whole: checker.is_done(), broken, missed }
}

impl Explored {
    fn promises_hold(self) {
        let Self { name, states, whole, broken, missed } = self;
        for (promise, path) in &broken {
            say(format_args!("{name}: {promise}: broken by\n{path}"));
        }
        assert!(broken.is_empty(), "{name}: {} promises are broken", broken.len());
        assert!(missed.is_empty(), "{name}: never seen: {missed:?}");
        assert!(whole, "{name}: not everything was explored");
        say(format_args!("{name}: {states} states, no promise broken"));
    }

    /// Whether the rule that was broken on purpose shows: in tokens refused, or keys trusted for too long.
    fn breaks_a_promise(self) {
        let Self { name, states, broken, .. } = self;
        let Some((promise, path)) = broken.first() else {
            panic!("{name}: {states} states, and nobody noticed");
        };
        say(format_args!("{name}: caught after {states} states: not \"{promise}\": {path}"));
    }
}

/// Beside the test's own output, which is shown only when it fails: how much was explored is the proof.
fn say(line: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").expect("standard output can be written");
}
