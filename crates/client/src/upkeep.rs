//! Keeping a set fresh: when it may be used, when it must be fetched, by whom, and what a failure changes.
//!
//! A reader takes no lock as long as the set is fresh. Everything behind that is under one mutex; no
//! fetch is made while it is held, and one fetch at a time serves all that wait for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::clock::Moment;
use crate::snapshot::Snapshot;
use crate::source::{Fetched, Known, Source, Tag};
use crate::unknown::UnknownKids;
use crate::{Error, Options};

/// A set in one process: it belongs to the threads of that process.
pub(crate) struct Upkeep {
    pub(crate) pid: u32,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) options: Options,
    loaded: ArcSwapOption<Loaded>,
    /// Whether somebody used the set since it was last asked for: nobody is asked for what nobody needs.
    used: AtomicBool,
    state: Mutex<State>,
    /// Told when a fetch ends, a set comes, or all is to end.
    changed: Condvar,
}

/// A set, and until when it may be used.
pub(crate) struct Loaded {
    pub(crate) snapshot: Arc<Snapshot>,
    tag: Tag,
    /// When it was asked for: it may be as old as that.
    at: Moment,
    fresh_for: Duration,
    /// When to ask again, ahead of the end.
    refresh_after: Duration,
}

#[derive(Default)]
struct State {
    fetching: bool,
    /// Counts the fetches that ended.
    ended: u64,
    outcome: Option<Result<(), Error>>,
    asking: Backoff,
    acknowledging: Backoff,
    last_error: Option<(Error, Moment)>,
    unknown: UnknownKids,
    begun: u64,
    /// The epoch that has to be acknowledged.
    to_acknowledge: Option<u64>,
    has_worker: bool,
    stopped: bool,
    /// Counts what the background thread might have to act on.
    changes: u64,
}

/// When to try again what failed.
#[derive(Default)]
struct Backoff {
    failures: u32,
    /// On the monotonic clock.
    not_before: Duration,
}

/// What can be said without asking anybody.
pub(crate) enum Look {
    /// The set may be used.
    Ready(Arc<Snapshot>),
    /// A fetch is due.
    Due,
    /// There is no set that may be used, and it is too early to ask again.
    Failed(Error),
}

/// Why a set is fetched.
#[derive(Clone, Copy)]
pub(crate) enum Reason<'a> {
    /// Its time is over, or there is none.
    Due,
    /// Somebody insists.
    Forced,
    /// Its time will soon be over.
    Ahead,
    /// A token names a `kid` that is not in this snapshot.
    Unknown { kid: &'a str, identity: u64 },
}

/// What the background thread is to do next.
pub(crate) enum Task {
    /// Nothing more.
    Stop,
    /// Say that an epoch is in use.
    Acknowledge(u64),
    /// Wait at the source for another set.
    Wait(Known),
    /// Fetch.
    Fetch,
    /// Nothing, for so long or until there were more changes.
    Rest(Duration, u64),
}

impl Upkeep {
    pub(crate) fn new(source: Box<dyn Source>, options: Options) -> Self {
        Self {
            pid: std::process::id(),
            source: Arc::from(source),
            options,
            loaded: ArcSwapOption::empty(),
            used: AtomicBool::new(false),
            state: Mutex::new(State::default()),
            changed: Condvar::new(),
        }
    }

    /// The same in a forked child, which has this process's memory and none of its threads: its locks
    /// may be held for ever, so that only what needs none is taken over.
    pub(crate) fn in_new_process(&self) -> Result<Self, Error> {
        let upkeep = Self::new(self.source.in_new_process()?, self.options.clone());
        if let Some(loaded) = self.loaded.load_full() {
            upkeep.lock().to_acknowledge = loaded.snapshot.epoch();
            upkeep.loaded.store(Some(loaded));
        }
        Ok(upkeep)
    }

    /// The set, if it is fresh at `now`. Takes no lock.
    pub(crate) fn fresh(&self, now: Moment) -> Option<Arc<Snapshot>> {
        let loaded = self.loaded.load();
        let loaded = loaded.as_ref()?;
        if now.since(loaded.at) >= loaded.fresh_for {
            return None;
        }
        self.note_use();
        Some(Arc::clone(&loaded.snapshot))
    }

    /// What can be said without asking anybody.
    pub(crate) fn look(&self) -> Look {
        self.note_use();
        self.look_at(&self.lock())
    }

    fn look_at(&self, state: &State) -> Look {
        let loaded = self.loaded.load_full();
        let early = self.options.clock.monotonic() < state.asking.not_before;
        let Some(loaded) = loaded else {
            return match &state.last_error {
                Some((error, _)) if early => Look::Failed(error.clone()),
                _ => Look::Due,
            };
        };
        let (age, limit) = (self.age(&loaded), self.limit(&loaded));
        if age < loaded.fresh_for {
            return Look::Ready(Arc::clone(&loaded.snapshot));
        }
        // A first attempt is waited for; while attempts fail, the thread makes them.
        let tried = state.asking.failures > 0 && (early || state.has_worker);
        match &state.last_error {
            Some((last, _)) if tried && age >= limit && early => {
                Look::Failed(Error::Stale { age, limit, last: Box::new(last.clone()) })
            }
            Some(_) if tried && age < limit => Look::Ready(Arc::clone(&loaded.snapshot)),
            _ => Look::Due,
        }
    }

    /// What may be used after a fetch that was due.
    ///
    /// # Errors
    /// Why it failed, where no set may be used.
    pub(crate) fn after(&self, fetched: Result<(), Error>) -> Result<Arc<Snapshot>, Error> {
        let Some(loaded) = self.loaded.load_full() else {
            let gone = || Error::BadAnswer {
                url: self.source.describe(),
                why: "the keys are no more".into(),
            };
            return Err(fetched.err().unwrap_or_else(gone));
        };
        let (age, limit) = (self.age(&loaded), self.limit(&loaded));
        match fetched {
            // Also where its time was over before this thread came to it.
            Ok(()) => Ok(Arc::clone(&loaded.snapshot)),
            Err(_) if age < limit => Ok(Arc::clone(&loaded.snapshot)),
            Err(stale @ Error::Stale { .. }) => Err(stale),
            Err(last) => Err(Error::Stale { age, limit, last: Box::new(last) }),
        }
    }

    /// How old a set may become while it cannot be fetched again.
    fn limit(&self, loaded: &Loaded) -> Duration {
        loaded.fresh_for.saturating_add(self.options.stale_for)
    }

    /// Whether a token with an unknown `kid` may cause a fetch now.
    pub(crate) fn may_fetch_for(&self, kid: &str) -> bool {
        let now = self.options.clock.monotonic();
        let state = self.lock();
        state.unknown.may_fetch(kid, now, self.options.cooldown)
    }

    /// Fetches, or waits for the fetch that is under way.
    ///
    /// # Errors
    /// Why the fetch failed. The set that is there may still be used.
    pub(crate) fn fetch(&self, reason: Reason<'_>) -> Result<(), Error> {
        let mut state = self.lock();
        if state.fetching {
            let ended = state.ended;
            while state.ended == ended {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            return state.outcome.clone().unwrap_or(Ok(()));
        }
        let now = self.options.clock.monotonic();
        match reason {
            Reason::Forced | Reason::Ahead => {}
            // Somebody else may have done it before the lock was had.
            Reason::Due => match self.look_at(&state) {
                Look::Ready(_) => return Ok(()),
                Look::Failed(error) => return Err(error),
                Look::Due => {}
            },
            Reason::Unknown { kid, identity } => {
                let same = self.loaded.load().as_ref().map(|l| l.snapshot.identity());
                let may = state.unknown.may_fetch(kid, now, self.options.cooldown);
                if same != Some(identity) || !may {
                    return Ok(());
                }
                state.unknown.begin(now);
            }
        }
        state.fetching = true;
        state.begun += 1;
        drop(state);
        let mut flight = Flight { upkeep: self, outcome: None };
        let known = self.known();
        let at = Moment::now(&*self.options.clock);
        self.used.store(false, Ordering::Relaxed);
        let outcome = self.source.fetch(known.as_ref());
        let outcome = self.take_in(outcome, known.as_ref(), at);
        if let (Reason::Unknown { kid, .. }, Ok(())) = (reason, &outcome)
            && !self.knows(kid)
        {
            let ttl = self.options.unknown_kid_ttl;
            self.lock().unknown.in_vain(kid, self.options.clock.monotonic(), ttl);
        }
        flight.outcome = Some(outcome.clone());
        drop(flight);
        if !self.options.background {
            self.acknowledge_here();
        }
        outcome
    }

    /// Takes in what a source answered to a question of the moment `at`, when this was known.
    fn take_in(
        &self,
        answer: Result<Fetched, Error>,
        known: Option<&Known>,
        at: Moment,
    ) -> Result<(), Error> {
        let mut state = self.lock();
        let result = answer.map(|fetched| self.swap(&mut state, fetched, known, at));
        match &result {
            Ok(()) => state.asking = Backoff::default(),
            Err(error) => {
                // The ring is no more, and its keys with it: this is no outage to be borne.
                if error.code() == "ring_not_found" {
                    self.loaded.store(None);
                }
                self.note_failure(&mut state, |state| &mut state.asking, error);
            }
        }
        state.changes += 1;
        drop(state);
        self.changed.notify_all();
        result
    }

    fn swap(&self, state: &mut State, fetched: Fetched, known: Option<&Known>, at: Moment) {
        let Fetched { keys, fresh_for } = fetched;
        let current = self.loaded.load_full();
        let identity = |snapshot: &Snapshot| snapshot.identity();
        // Another set may have come while this answer was on its way.
        let overtaken = current.as_ref().map(|loaded| identity(&loaded.snapshot))
            != known.map(|known| identity(&known.snapshot));
        let (snapshot, tag) = match (keys, &current) {
            (Some((new, _)), Some(current))
                if overtaken && new.epoch() <= current.snapshot.epoch() =>
            {
                return;
            }
            (Some((new, tag)), _) => {
                state.to_acknowledge = new.epoch();
                state.acknowledging = Backoff::default();
                (Arc::new(new), tag)
            }
            (None, Some(current)) if !overtaken => {
                (Arc::clone(&current.snapshot), current.tag.clone())
            }
            (None, _) => return,
        };
        let ahead = 0.7 + 0.2 * self.fraction();
        let refresh_after = fresh_for.mul_f64(ahead);
        self.loaded.store(Some(Arc::new(Loaded { snapshot, tag, at, fresh_for, refresh_after })));
    }

    fn note_failure(
        &self,
        state: &mut State,
        of: impl Fn(&mut State) -> &mut Backoff,
        error: &Error,
    ) {
        state.last_error = Some((error.clone(), Moment::now(&*self.options.clock)));
        let backoff = of(state);
        let wait = self.wait_after(backoff.failures);
        backoff.failures = backoff.failures.saturating_add(1);
        backoff.not_before = self.options.clock.monotonic().saturating_add(wait);
    }

    /// What to do next, for the thread in the background.
    pub(crate) fn next_task(&self) -> Task {
        let state = self.lock();
        if state.stopped {
            return Task::Stop;
        }
        let now = self.options.clock.monotonic();
        let rest = |limit| Task::Rest(limit, state.changes);
        let Some(loaded) = self.loaded.load_full() else {
            // Whoever uses it first asks first.
            return rest(LONG);
        };
        if state.asking.not_before > now {
            return rest(state.asking.not_before - now);
        }
        if let Some(epoch) = state.to_acknowledge
            && state.acknowledging.not_before <= now
        {
            return Task::Acknowledge(epoch);
        }
        if loaded.snapshot.epoch().is_some() {
            let (snapshot, tag) = (Arc::clone(&loaded.snapshot), loaded.tag.clone());
            return Task::Wait(Known { snapshot, tag });
        }
        let age = self.age(&loaded);
        let due = loaded.refresh_after.saturating_sub(age);
        match self.used.load(Ordering::Relaxed) {
            true if due.is_zero() => Task::Fetch,
            _ if !due.is_zero() => rest(due),
            // Nobody uses it. Whoever does after its end fetches it.
            _ if age >= loaded.fresh_for => rest(LONG),
            _ => rest((loaded.fresh_for / 20).max(SHORT)),
        }
    }

    /// Waits at the source for another set than `known`.
    pub(crate) fn wait(&self, known: &Known) {
        let Some(answer) = self.source.wait(known) else { return };
        // How it ended is in the state.
        let _noted = self.take_in(answer, Some(known), Moment::now(&*self.options.clock));
    }

    /// Says that an epoch is in use.
    pub(crate) fn acknowledge(&self, epoch: u64) {
        let result = self.source.acknowledge(epoch);
        let mut state = self.lock();
        match result {
            Ok(()) if state.to_acknowledge == Some(epoch) => state.to_acknowledge = None,
            Ok(()) => {}
            Err(error) => {
                self.note_failure(&mut state, |state| &mut state.acknowledging, &error);
            }
        }
    }

    fn acknowledge_here(&self) {
        let epoch = self.lock().to_acknowledge;
        if let Some(epoch) = epoch {
            self.acknowledge(epoch);
        }
    }

    /// Rests until `limit` is over, or there were other changes than those `seen`.
    pub(crate) fn rest(&self, limit: Duration, seen: u64) {
        let idle = |state: &mut State| !state.stopped && state.changes == seen;
        let _woken = self.changed.wait_timeout_while(self.lock(), limit, idle);
    }

    /// Rests until `limit` is over, whatever changes, or all is to end.
    pub(crate) fn pause(&self, limit: Duration) {
        let idle = |state: &mut State| !state.stopped;
        let _woken = self.changed.wait_timeout_while(self.lock(), limit, idle);
    }

    /// Whether this call is the one that has to start the background thread.
    pub(crate) fn wants_worker(&self) -> bool {
        if !self.options.background {
            return false;
        }
        let mut state = self.lock();
        let wants = !state.has_worker && !state.stopped;
        state.has_worker |= wants;
        wants
    }

    /// The thread could not be started, or has ended.
    pub(crate) fn has_no_worker(&self) {
        self.lock().has_worker = false;
    }

    /// Ends the background thread.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
        self.source.shut_down();
    }

    pub(crate) fn loaded(&self) -> Option<Arc<Loaded>> {
        self.loaded.load_full()
    }

    pub(crate) fn age(&self, loaded: &Loaded) -> Duration {
        Moment::now(&*self.options.clock).since(loaded.at)
    }

    pub(crate) fn is_stale(&self, loaded: &Loaded) -> bool {
        self.age(loaded) >= loaded.fresh_for
    }

    /// The last error and how long ago it was, and how many fetches were begun.
    pub(crate) fn history(&self) -> (Option<(Error, Duration)>, u64) {
        let state = self.lock();
        let now = Moment::now(&*self.options.clock);
        let last = state.last_error.as_ref().map(|(error, at)| (error.clone(), now.since(*at)));
        (last, state.begun)
    }

    fn known(&self) -> Option<Known> {
        let loaded = self.loaded.load_full()?;
        Some(Known { snapshot: Arc::clone(&loaded.snapshot), tag: loaded.tag.clone() })
    }

    fn knows(&self, kid: &str) -> bool {
        self.loaded.load().as_ref().is_some_and(|loaded| {
            let mut keys = loaded.snapshot.keys().keys().iter();
            keys.any(|key| key.key_id().is_some_and(|known| known.as_str() == kid))
        })
    }

    /// From half the time to all of it, so that many processes do not come back at once.
    fn wait_after(&self, failures: u32) -> Duration {
        let Options { retry_first, retry_longest, .. } = &self.options;
        let doubled = retry_first.saturating_mul(2_u32.saturating_pow(failures.min(20)));
        doubled.min(*retry_longest).mul_f64(0.5 + 0.5 * self.fraction())
    }

    fn fraction(&self) -> f64 {
        let fraction = self.options.chance.fraction();
        // A duration times a number that is none would panic.
        if (0.0..1.0).contains(&fraction) { fraction } else { 0.5 }
    }

    fn note_use(&self) {
        // A write that changes nothing would still cost every reader.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    // Whoever panicked while holding it has left whole values behind.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const LONG: Duration = Duration::from_secs(3_600);
const SHORT: Duration = Duration::from_millis(100);

/// A fetch under way: however it ends, whoever waits for it is told.
struct Flight<'a> {
    upkeep: &'a Upkeep,
    outcome: Option<Result<(), Error>>,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut state = self.upkeep.lock();
        state.fetching = false;
        state.ended += 1;
        state.outcome = self.outcome.take();
        drop(state);
        self.upkeep.changed.notify_all();
    }
}
