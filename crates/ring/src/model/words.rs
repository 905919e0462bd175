//! A symmetric ring whose secret lives in processes: they sign and verify with what they have loaded, and say so.

use keytide_jose::KeyId;
use stateright::{Model, Property};

use super::{Tick, Token, Version, commit, explored, instant, policy};
use crate::mutant::Mutant;
use crate::{CheckIn, Command, Evidence, Instance, When};

/// What is explored: how many processes, for how long, with which rule broken.
struct Words {
    processes: usize,
    most_by_hand: u8,
    horizon: Tick,
    broken: Option<Mutant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Act {
    /// Time goes by.
    Tick,
    /// The schedule acts.
    Turn,
    /// Somebody asks for a switch.
    Rotate,
    /// Somebody has the key before sign again.
    RollBack,
    /// A process fetches the set, and its lease runs anew.
    Fetch(usize),
    /// It works with what it fetched.
    Load(usize),
    /// It says what it works with.
    Acknowledge(usize),
    /// It signs a token.
    Mint(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Tick,
    store: Version,
    evidence: Evidence,
    processes: Vec<Process>,
    token: Option<Token>,
    made: u8,
    done_by_hand: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Process {
    fetched: Option<Version>,
    loaded: Option<Version>,
    /// It works up to this tick, and no longer.
    lease_until: Tick,
}

impl State {
    fn working(&self) -> impl Iterator<Item = &Version> {
        let live = self.processes.iter().filter(|process| self.now < process.lease_until);
        live.filter_map(|process| process.loaded.as_ref())
    }

    fn known_everywhere(&self, kid: &KeyId) -> bool {
        self.store.verifies(kid) && self.working().all(|version| version.verifies(kid))
    }
}

impl Words {
    fn change(&self, last: &State, command: &Command) -> Option<State> {
        let versions = (&last.store, &last.store);
        let now = instant(last.now);
        let changes = commit(self.broken, versions, &last.evidence, command, last.made, now)
            .ok()
            .flatten()?;
        let mut state = last.clone();
        state.made += u8::from(changes.uses_fresh_key);
        state.store = Version::new(changes.ring);
        state.evidence = changes.evidence.unwrap_or(state.evidence);
        Some(state)
    }
}

fn said(process: usize, loaded: Option<&Version>) -> CheckIn {
    CheckIn {
        consumer: "api".to_owned(),
        instance: process.to_string(),
        epoch: loaded.map(|version| version.ring.epoch()),
    }
}

/// The tick at which an instance's lease ends.
fn until(known: &Instance) -> Tick {
    (0..).find(|tick| instant(*tick) >= known.lease_until).expect("ticks do not end")
}

impl Model for Words {
    type State = State;
    type Action = Act;

    /// A ring that has just switched for the first time: every process still works with the set before.
    fn init_states(&self) -> Vec<State> {
        let store = Version::created(policy(TERMS));
        let mut state = State {
            now: 3,
            evidence: Evidence::default(),
            processes: vec![Process::default(); self.processes],
            token: None,
            made: 2,
            done_by_hand: 0,
            store,
        };
        for n in 0..self.processes {
            for act in [Act::Fetch(n), Act::Load(n), Act::Acknowledge(n)] {
                state = self.next_state(&state, act).expect("a process starts");
            }
        }
        let switched = self.change(&state, &Command::Turn).expect("the period is over");
        vec![switched]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Act>) {
        actions.extend([Act::Tick, Act::Turn]);
        if state.done_by_hand < self.most_by_hand {
            actions.extend([Act::Rotate, Act::RollBack]);
        }
        for process in 0..self.processes {
            actions.extend([
                Act::Fetch(process),
                Act::Load(process),
                Act::Acknowledge(process),
                Act::Mint(process),
            ]);
        }
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let mut state = last.clone();
        let now = instant(last.now);
        match act {
            Act::Tick => {
                state.now += 1;
                state.token = state.token.filter(|token| token.until >= state.now);
                let over = |process: &&mut Process| process.lease_until <= state.now;
                state.processes.iter_mut().filter(over).for_each(|p| *p = Process::default());
            }
            Act::Turn => return self.change(last, &Command::Turn),
            Act::Rotate => {
                let command = Command::Activate { kid: None, when: When::IfSafe, reason: None };
                state = self.change(last, &command)?;
                state.done_by_hand += 1;
            }
            Act::RollBack => {
                state = self.change(last, &Command::Rollback { reason: None })?;
                state.done_by_hand += 1;
            }
            Act::Fetch(n) => {
                let known =
                    state.evidence.check_in(&last.store.ring, &said(n, None), "api", now).ok()?;
                let lease_until = until(known);
                let process = &mut state.processes[n];
                process.lease_until = lease_until;
                if process.loaded.as_ref() != Some(&last.store) {
                    process.fetched = Some(last.store.clone());
                }
            }
            Act::Load(n) => {
                let process = &mut state.processes[n];
                process.loaded = Some(process.fetched.take()?);
            }
            Act::Acknowledge(n) => {
                let loaded = last.processes[n].loaded.as_ref()?;
                let said = said(n, Some(loaded));
                let known = state.evidence.check_in(&last.store.ring, &said, "api", now).ok()?;
                state.processes[n].lease_until = until(known);
            }
            Act::Mint(n) => {
                let process = &last.processes[n];
                if last.now >= process.lease_until {
                    return None;
                }
                state.token = Some(Token::minted(process.loaded.as_ref()?, last.now));
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
            Property::sometimes("the switch is made while a process works", |_, state: &State| {
                let active = &state.store.ring.active().kid;
                active.as_str() == "k2"
                    && state.working().any(|loaded| loaded.ring.active().kid == *active)
            }),
            Property::sometimes(
                "a key that processes signed with leaves the set",
                |_, state: &State| {
                    let gone = |key: &crate::Key| key.state.name() == "retired";
                    state.store.ring.past().iter().any(gone) && state.working().next().is_some()
                },
            ),
        ]
    }
}

/// Terms of one tick, and one consumer that acknowledges, with a lease of two.
const TERMS: &str = r#"{"algorithm":"HS256","propagation":"2s","max_age":"1s","clock_error":"0s",
    "signer_lag":"2s","token_ttl":"1s","leeway":"1s","rotate_every":"6s","rollback_window":"1h",
    "consumers":[{"name":"api","profile":"environment","lease":"4s"}]}"#;

#[test]
fn every_interleaving_of_processes_that_fetch_load_and_acknowledge_keeps_every_promise() {
    let words = Words { processes: 2, most_by_hand: 1, horizon: 7, broken: None };
    explored("two processes", words).promises_hold();
}

#[test]
fn mutant_that_waits_for_no_acknowledgement_is_caught() {
    let broken = Some(Mutant::NoAcknowledgement);
    let words = Words { processes: 2, most_by_hand: 1, horizon: 7, broken };
    explored("no acknowledgement", words).breaks_a_promise();
}
