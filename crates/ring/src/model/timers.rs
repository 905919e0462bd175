//! A ring whose set travels through a node that may be stale and a cache that may be slow.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use keytide_jose::KeyId;
use stateright::{Model, Property};

use super::{Tick, Token, Version, commit, explored, instant, policy, ticks};
use crate::mutant::{self, Mutant};
use crate::{Command, ConsumerSpec, Evidence, Policy, When, plan};

/// What is explored: a policy, which commands by hand and how many, for how long, with which rule broken.
struct Timers {
    policy: Policy,
    by_hand: &'static [Hand],
    most_by_hand: u8,
    /// Whether another process turns the ring at the same time, and the node may crash.
    races: bool,
    /// Whether it begins where the ring has just switched by schedule, and the node has not heard.
    switched: bool,
    horizon: Tick,
    broken: Option<Mutant>,
}

/// What somebody may do to the ring by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Hand {
    Rotate,
    RotateWhenSafe,
    RollBack,
    RevokeActive,
    RevokeLast,
    DeclareSlow,
    RemoveSlow,
    Lengthen,
    Shorten,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Act {
    /// Time goes by.
    Tick,
    /// The schedule acts; where a rule is broken so, by a clock that is off by this many seconds.
    Turn { off: i64 },
    /// Somebody acts.
    By(Hand),
    /// Another process reads the ring to turn it …
    Begin,
    /// … and commits what it decided.
    Commit,
    /// The node hears from the store.
    Refresh,
    /// The node is gone until it refreshes.
    Crash,
    /// The cache fetches: from the node that may be stale, or from one that never is.
    Fetch { stale: bool },
    /// A token is signed, by either node.
    Mint { stale: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Tick,
    store: Version,
    /// What the node has in memory, and when it heard it.
    node: Option<(Version, Tick)>,
    cache: Option<Cached>,
    token: Option<Token>,
    writer: Option<Version>,
    revoked: Option<Revoked>,
    /// A key that signs before it is safe, and until when its tokens may be refused: that was said.
    hasty: Option<(KeyId, Tick)>,
    made: u8,
    done_by_hand: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cached {
    set: BTreeSet<KeyId>,
    /// The last tick at which a cache whose clock is as wrong as may be uses it.
    until: Tick,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Revoked {
    kid: KeyId,
    exposed_until: Timestamp,
}

impl State {
    /// The node, while it serves and verifies.
    fn serving(&self) -> Option<&Version> {
        let (version, heard) = self.node.as_ref()?;
        let propagation = ticks(version.ring.policy().spec().propagation);
        (self.now - heard <= propagation).then_some(version)
    }

    /// The node, while it signs.
    fn signing(&self) -> Option<&Version> {
        let (version, heard) = self.node.as_ref()?;
        let spec = version.ring.policy().spec();
        (self.now - heard <= ticks(spec.signer_lag.min(spec.propagation))).then_some(version)
    }

    fn cached(&self) -> Option<&BTreeSet<KeyId>> {
        self.cache.as_ref().filter(|cached| self.now <= cached.until).map(|cached| &cached.set)
    }

    /// Whether nobody who could verify now lacks the key.
    fn known_everywhere(&self, kid: &KeyId) -> bool {
        self.store.verifies(kid)
            && self.serving().is_none_or(|node| node.verifies(kid))
            && self.cached().is_none_or(|set| set.contains(kid))
    }

    fn trusted_somewhere(&self, kid: &KeyId) -> bool {
        self.store.verifies(kid)
            || self.serving().is_some_and(|node| node.verifies(kid))
            || self.cached().is_some_and(|set| set.contains(kid))
    }
}

impl Timers {
    fn command(&self, hand: Hand, state: &State) -> Option<Command> {
        let ring = &state.store.ring;
        let change = |json: &str| Command::Change {
            patch: serde_json::from_str(json).expect("an object"),
            reason: None,
        };
        let slow = || ConsumerSpec::Own(serde_json::from_str(SLOW).expect("a consumer"));
        Some(match hand {
            Hand::Rotate => Command::Activate { kid: None, when: When::IfSafe, reason: None },
            Hand::RotateWhenSafe => {
                Command::Activate { kid: None, when: When::WhenSafe, reason: None }
            }
            Hand::RollBack => Command::Rollback { reason: None },
            Hand::RevokeActive => Command::Revoke { kid: ring.active().kid.clone(), reason: None },
            Hand::RevokeLast => {
                let last = ring.past().iter().find(|key| key.state.verifies())?;
                Command::Revoke { kid: last.kid.clone(), reason: None }
            }
            Hand::DeclareSlow => Command::AddConsumer { consumer: slow() },
            Hand::RemoveSlow => Command::RemoveConsumer { name: "slow".into(), reason: None },
            Hand::Lengthen => change(r#"{"max_age":"4s","token_ttl":"4s"}"#),
            Hand::Shorten => change(r#"{"max_age":"2s","token_ttl":"2s"}"#),
        })
    }

    /// Applies a command that was decided on `base`.
    fn change(
        &self,
        last: &State,
        base: &Version,
        command: &Command,
        now: Timestamp,
    ) -> Option<State> {
        let evidence = Evidence::default();
        let safe_at = mutant::with(self.broken, || plan::activation(&base.ring, &evidence, now).at);
        let versions = (base, &last.store);
        let changes =
            commit(self.broken, versions, &evidence, command, last.made, now).ok().flatten()?;
        let mut state = last.clone();
        state.made += u8::from(changes.uses_fresh_key);
        state.store = Version::new(changes.ring);
        if let (Some(kid), Some(exposed_until)) =
            (changes.outcome.revoked, changes.outcome.exposed_until)
        {
            // What it had signed is worthless, as it should be.
            state.token = state.token.filter(|token| token.kid != kid);
            state.revoked = Some(Revoked { kid, exposed_until });
        }
        if let (Some(kid), Some(_)) = (changes.outcome.activated, changes.outcome.risked_seconds) {
            let safe = (0..).find(|tick| instant(*tick) >= safe_at).expect("ticks do not end");
            state.hasty = Some((kid, safe));
        }
        Some(state)
    }
}

/// Holds for two ticks, where the policy says one.
const SLOW: &str = r#"{"name":"slow","hold":"4s"}"#;

impl Model for Timers {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        let store = Version::created(self.policy.clone());
        let mut state = State {
            now: 0,
            store,
            node: None,
            cache: None,
            token: None,
            writer: None,
            revoked: None,
            hasty: None,
            made: 2,
            done_by_hand: 0,
        };
        if self.switched {
            state.now = ticks(self.policy.spec().rotate_every);
            let before = state.store.clone();
            state = self
                .change(&state, &before, &Command::Turn, instant(state.now))
                .expect("the period is over");
            state.node = Some((before, state.now));
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Act>) {
        actions.push(Act::Tick);
        match self.broken {
            Some(Mutant::LocalClock) => {
                actions.extend([Act::Turn { off: -1 }, Act::Turn { off: 1 }])
            }
            _ => actions.push(Act::Turn { off: 0 }),
        }
        if state.done_by_hand < self.most_by_hand {
            actions.extend(self.by_hand.iter().copied().map(Act::By));
        }
        if self.races {
            actions.push(if state.writer.is_none() { Act::Begin } else { Act::Commit });
            actions.push(Act::Crash);
        }
        actions.push(Act::Refresh);
        actions.extend([Act::Fetch { stale: false }, Act::Mint { stale: false }]);
        actions.extend([Act::Fetch { stale: true }, Act::Mint { stale: true }]);
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let now = instant(last.now);
        let mut state = last.clone();
        match act {
            Act::Tick => {
                state.now += 1;
                state.token = state.token.filter(|token| token.until >= state.now);
                state.cache = state.cache.filter(|cached| cached.until >= state.now);
                if state.serving().is_none() {
                    state.node = None;
                }
                state.hasty = state.hasty.filter(|(_, safe)| *safe > state.now);
            }
            Act::Turn { off } => {
                let now = now + SignedDuration::from_secs(off);
                return self.change(last, &last.store, &Command::Turn, now);
            }
            Act::By(hand) => {
                let command = self.command(hand, last)?;
                state = self.change(last, &last.store, &command, now)?;
                state.done_by_hand += 1;
            }
            Act::Begin => {
                let due = plan::due(&last.store.ring, &Evidence::default(), now);
                if due.is_empty() {
                    return None;
                }
                state.writer = Some(last.store.clone());
            }
            Act::Commit => {
                let base = last.writer.as_ref()?;
                state = self.change(last, base, &Command::Turn, now).unwrap_or(state);
                state.writer = None;
            }
            Act::Refresh => state.node = Some((last.store.clone(), last.now)),
            Act::Crash => drop(state.node.take()?),
            Act::Fetch { stale } => {
                let from = if stale { last.serving()? } else { &last.store };
                let policy = from.ring.policy();
                let hold = policy.slowest_consumer().0 + policy.spec().clock_error.twice();
                state.cache = Some(Cached {
                    set: from.ring.verifying().map(|key| key.kid.clone()).collect(),
                    until: last.now + ticks(hold),
                });
            }
            Act::Mint { stale } => {
                let by = if stale { last.signing()? } else { &last.store };
                let token = Token::minted(by, last.now);
                let early = last.hasty.as_ref().is_some_and(|(kid, _)| *kid == token.kid);
                let revoked = last.revoked.as_ref().is_some_and(|r| r.kid == token.kid);
                if early || revoked {
                    return None;
                }
                state.token = Some(token);
            }
        }
        (state != *last).then_some(state)
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.now <= self.horizon
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no valid token is refused", |_, state: &State| {
                state.token.as_ref().is_none_or(|token| state.known_everywhere(&token.kid))
            }),
            Property::always(
                "nobody trusts a revoked key once that was said to be over",
                |_, state: &State| {
                    state.revoked.as_ref().is_none_or(|Revoked { kid, exposed_until }| {
                        instant(state.now) <= *exposed_until || !state.trusted_somewhere(kid)
                    })
                },
            ),
            Property::always("what was committed is not lost", |_, state: &State| {
                state.revoked.as_ref().is_none_or(|revoked| !state.store.verifies(&revoked.kid))
            }),
            Property::always("an epoch is one ring", |_, state: &State| {
                state.node.as_ref().is_none_or(|(node, _)| {
                    node.ring.epoch() != state.store.ring.epoch() || *node == state.store
                })
            }),
            Property::sometimes(
                "a key lives from its publication to its removal",
                |_, state: &State| {
                    state.store.ring.past().iter().any(|key| key.state.name() == "retired")
                        && state.token.is_some()
                },
            ),
        ]
    }
}

/// Every term is one tick: the lead is three, the overlap four.
const TERMS: &str = r#"{"algorithm":"HS256","propagation":"2s","max_age":"2s","clock_error":"1s",
    "signer_lag":"2s","token_ttl":"2s","leeway":"2s","rotate_every":"8s","rollback_window":"1h"}"#;

const ONE_ROUND: Tick = 14;

fn plain(broken: Option<Mutant>) -> Timers {
    let policy = policy(TERMS);
    Timers {
        policy,
        by_hand: &[],
        most_by_hand: 0,
        races: true,
        switched: false,
        horizon: ONE_ROUND,
        broken,
    }
}

/// What somebody may do without touching the policy.
const SWITCHES: &[Hand] =
    &[Hand::Rotate, Hand::RotateWhenSafe, Hand::RollBack, Hand::RevokeActive, Hand::RevokeLast];

fn by_hand(broken: Option<Mutant>) -> Timers {
    let policy = policy(TERMS);
    Timers {
        policy,
        by_hand: SWITCHES,
        most_by_hand: 1,
        races: true,
        switched: false,
        horizon: 9,
        broken,
    }
}

/// Begins with the slower of two policies; a longer period leaves room for it.
fn policies(broken: Option<Mutant>) -> Timers {
    let slow = format!(r#""rotate_every":"12s","consumers":[{SLOW}]"#);
    let policy = policy(&TERMS.replace(r#""rotate_every":"8s""#, &slow));
    let by_hand =
        &[Hand::RemoveSlow, Hand::DeclareSlow, Hand::Lengthen, Hand::Shorten, Hand::RotateWhenSafe];
    Timers { policy, by_hand, most_by_hand: 2, races: false, switched: true, horizon: 12, broken }
}

#[test]
fn every_interleaving_of_schedule_nodes_and_caches_keeps_every_promise() {
    explored("schedule", plain(None)).promises_hold();
}

#[test]
fn every_interleaving_with_switches_rollbacks_and_revocations_keeps_every_promise() {
    explored("by hand", by_hand(None)).promises_hold();
}

#[test]
fn every_interleaving_with_policies_that_change_keeps_every_promise() {
    explored("policies", policies(None)).promises_hold();
}

#[test]
fn mutant_without_the_clock_error_is_caught() {
    explored("drop 2ε", by_hand(Some(Mutant::NoClockError))).breaks_a_promise();
}

#[test]
fn mutant_without_the_propagation_is_caught() {
    explored("drop P", by_hand(Some(Mutant::NoPropagation))).breaks_a_promise();
}

#[test]
fn mutant_with_consumers_that_hold_nothing_is_caught() {
    explored("C = 0", by_hand(Some(Mutant::NoConsumerHold))).breaks_a_promise();
}

#[test]
fn mutant_with_a_lead_of_the_hold_alone_is_caught() {
    explored("A = C", by_hand(Some(Mutant::LeadIsHold))).breaks_a_promise();
}

#[test]
fn mutant_with_an_overlap_of_the_token_life_alone_is_caught() {
    explored("overlap = L", plain(Some(Mutant::OverlapIsTtl))).breaks_a_promise();
}

#[test]
fn mutant_with_two_writers_that_do_not_compare_epochs_is_caught() {
    explored("no compare-and-swap", by_hand(Some(Mutant::NoCompareAndSwap))).breaks_a_promise();
}

#[test]
fn mutant_that_removes_keys_by_a_local_clock_is_caught() {
    explored("local clock", plain(Some(Mutant::LocalClock))).breaks_a_promise();
}

#[test]
fn mutant_that_forgets_the_policy_before_is_caught() {
    explored("no former policy", policies(Some(Mutant::NoFormerPolicy))).breaks_a_promise();
}
