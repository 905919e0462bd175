//! The supervisor: starts the program, hears of signals, deaths and other keys, and acts on them one at a time.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use keytide_client::{Clock, DeliveredKey, Delivery};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, wait};

use super::change::{OnChange, SIGNALS};
use super::deliver::Outlet;
use super::event::Event;
use super::guard::Guard;
use super::mask::Secrets;
use super::program::{Launcher, Process, status};
use super::readiness::Readiness;
use super::supply::Feed;
use super::variables::{Unset, Variable, Variables, WhyUnset};
use crate::error::Failure;
use crate::output::Output;

/// What was asked for, once for the whole run.
pub(super) struct Job {
    pub(super) command: Vec<OsString>,
    pub(super) variables: Variables,
    pub(super) launcher: Launcher,
    pub(super) on_change: OnChange,
    pub(super) debounce: Duration,
    pub(super) grace: Duration,
    /// How long a program takes to load its keys, where nothing tells.
    pub(super) settle: Option<Duration>,
    pub(super) readiness: Option<Readiness>,
    pub(super) rolling: bool,
    /// The longest time for a command of `--on-change exec:`.
    pub(super) patience: Duration,
}

/// A program under supervision.
pub(super) struct Supervisor<'a> {
    pub(super) job: &'a Job,
    pub(super) output: &'a Output,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) feeds: Vec<Feed>,
    pub(super) outlet: Outlet,
    pub(super) guard: Guard,
    pub(super) secrets: Secrets,
    pub(super) events: Sender<Event>,
}

/// The program as it stands.
struct Run<'a> {
    of: Supervisor<'a>,
    main: Process,
    /// How that ended, if it did.
    over: Option<WaitStatus>,
    /// Others that were told to end, each with the time at which it is killed.
    leaving: Vec<(Process, Duration)>,
    phase: Phase,
    /// What the program was last given: in its environment, in its files.
    given: Sets,
    /// What it has loaded of that, as far as it is known.
    loaded: Option<Sets>,
    /// When to act on other keys: a moment after the last of them came.
    change_due: Option<Duration>,
    /// The last moment to which that may be put off.
    change_by: Option<Duration>,
    /// Somebody told the program to end: it is not started again.
    stopping: bool,
    /// Why it was ended here, if it was.
    refusal: Option<Failure>,
    /// Counts what is to be confirmed, so that an earlier answer does not count.
    ticket: u64,
    said_unset: Vec<String>,
}

/// The keys of every ring, in the order of the rings.
type Sets = Vec<Arc<Delivery>>;

/// What is under way. Times are on the monotonic clock.
enum Phase {
    /// Nothing.
    Steady,
    /// The program has these keys in reach; whether it has loaded them is not known before.
    Settling { sets: Sets, until: Duration },
    /// Its readiness is being asked for.
    Asking { sets: Sets },
    /// It was told to end, to be started anew or for good.
    Ending { kill_at: Duration },
    /// A second process is to take over when it is ready.
    Rolling { incoming: Process, sets: Sets },
    /// The second process has taken over; the first was told to end.
    Retiring { old: Process, sets: Sets, kill_at: Duration },
    /// A command makes the program load these keys.
    Hook { hook: Process, sets: Sets, kill_at: Duration },
}

/// A started process surely has its environment; it must not fall over at once.
const SETTLE_STARTED: Duration = Duration::from_secs(1);
/// A program that is signalled reads its files some time later.
const SETTLE_SIGNALLED: Duration = Duration::from_secs(5);
/// After an attempt that failed.
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// Changes that keep coming are not waited out for longer than so many quiet times.
const LONGEST_DEBOUNCE: u32 = 5;

impl Supervisor<'_> {
    /// Runs the program to its end, and gives the status that it ended with.
    ///
    /// # Errors
    /// What keeps it from being started; `keys_too_old` when it was ended for that.
    pub(super) fn run(mut self, events: &Receiver<Event>) -> Result<u8, Failure> {
        let mut said_unset = Vec::new();
        let (main, sets) = self.start(&mut said_unset)?;
        let until = self.clock.monotonic() + self.job.settle.unwrap_or(SETTLE_STARTED);
        let mut run = Run {
            of: self,
            main,
            over: None,
            leaving: Vec::new(),
            given: sets.clone(),
            phase: Phase::Settling { sets, until },
            loaded: None,
            change_due: None,
            change_by: None,
            stopping: false,
            refusal: None,
            ticket: 0,
            said_unset,
        };
        loop {
            // First what was said: a death may be what somebody asked for.
            events.try_iter().for_each(|event| run.hear(event));
            run.reap()?;
            if let Some(ended) = run.over.filter(|_| run.leaving.is_empty()) {
                return run.refusal.map_or_else(|| Ok(status(ended)), Err);
            }
            run.act_on_time();
            match events.recv_timeout(run.rest()) {
                Ok(event) => run.hear(event),
                // This process holds an end for sending, so that there is no other reason.
                Err(_out_of_time) => {}
            }
        }
    }

    fn newest(&self) -> Sets {
        self.feeds.iter().map(|feed| Arc::clone(&feed.set)).collect()
    }

    /// The variables of these keys, and the epochs that they are of.
    fn variables(&self, sets: &Sets, said_unset: &mut Vec<String>) -> (Vec<Variable>, String) {
        sets.iter().for_each(|set| self.secrets.add(set));
        let (mut values, unset) = self.job.variables.values(sets);
        for Unset { name, why } in unset {
            if !said_unset.contains(&name) {
                self.output.warn(match why {
                    WhyUnset::NotText => format!(
                        "{name} is not set: the secret is not text. Take it from JWT_KEYS, or with an \
                         encoding: --map {name}=RING.FIELD:base64url"
                    ),
                    WhyUnset::NoSecret => format!(
                        "{name} is not set: the ring has key pairs, whose private keys stay on its server. \
                         JWT_KEYS has the public ones"
                    ),
                });
                said_unset.push(name);
            }
        }
        let told = self.job.variables.epochs(sets);
        let value = keytide_jose::Secret::new(told.clone().into_bytes());
        values.push(Variable { name: EPOCHS.to_owned(), value });
        (values, told)
    }

    fn start(&mut self, said_unset: &mut Vec<String>) -> Result<(Process, Sets), Failure> {
        let sets = self.newest();
        let (values, _) = self.variables(&sets, said_unset);
        let handed = self.outlet.hand(&values)?;
        let process = self.job.launcher.start(&self.job.command, &handed, &self.secrets)?;
        self.watch_over(&process)?;
        Ok((process, sets))
    }

    fn watch_over(&mut self, process: &Process) -> Result<(), Failure> {
        self.guard.watch(process.hold())
    }
}

/// Tells the program which epochs it was given, so that it can say which ones it has loaded.
pub(super) const EPOCHS: &str = "KEYTIDE_EPOCHS";

impl Run<'_> {
    fn now(&self) -> Duration {
        self.of.clock.monotonic()
    }

    /// Takes the status of every process that ended: its own, and orphans that came to it.
    fn reap(&mut self) -> Result<(), Failure> {
        // No children at all is an error to the system, and nothing to do here.
        while let Ok(Some((pid, ended))) = wait(WaitOptions::NOHANG) {
            if ended.stopped() || ended.continued() {
                continue;
            }
            if pid == self.of.guard.pid() {
                if let Err(why) = self.of.guard.restart() {
                    self.of.output.warn(why.message);
                }
            } else {
                self.ended(pid, ended)?;
            }
        }
        Ok(())
    }

    /// What follows from a death.
    fn ended(&mut self, pid: Pid, ended: WaitStatus) -> Result<(), Failure> {
        if let Some(nth) = self.leaving.iter().position(|(process, _)| process.pid() == pid) {
            let (process, _) = self.leaving.swap_remove(nth);
            self.bury(Some(process));
            return Ok(());
        }
        let is_main = self.over.is_none() && pid == self.main.pid();
        match std::mem::replace(&mut self.phase, Phase::Steady) {
            Phase::Ending { .. } if is_main && !self.stopping => {
                self.bury(None);
                let (main, sets) = self.of.start(&mut self.said_unset)?;
                self.main = main;
                self.given.clone_from(&sets);
                self.settle(sets, SETTLE_STARTED);
            }
            // The program is gone before its successor was ready: that one carries on.
            Phase::Rolling { incoming, sets } if is_main && !self.stopping => {
                let old = std::mem::replace(&mut self.main, incoming);
                self.bury(Some(old));
                self.phase = Phase::Asking { sets };
            }
            Phase::Rolling { incoming, .. } if pid == incoming.pid() => {
                self.bury(Some(incoming));
                self.ticket += 1;
                if self.stopping {
                    return Ok(());
                }
                self.again(format_args!(
                    "the program's new process ended with status {}; the old one stays",
                    status(ended)
                ));
            }
            Phase::Retiring { old, sets, .. } if pid == old.pid() => {
                self.bury(Some(old));
                self.is_loaded(sets);
            }
            Phase::Hook { hook, sets, .. } if pid == hook.pid() => {
                self.bury(Some(hook));
                if status(ended) == 0 {
                    self.confirm(sets);
                } else {
                    self.again(format_args!(
                        "the command of --on-change ended with status {}",
                        status(ended)
                    ));
                }
            }
            phase if is_main => {
                self.bury(None);
                self.over = Some(ended);
                self.dismiss(phase);
            }
            phase => self.phase = phase,
        }
        Ok(())
    }

    /// What was under way ends with the program: a process of it in its time, a command at once.
    fn dismiss(&mut self, phase: Phase) {
        let kill_at = self.now() + self.of.job.grace;
        match phase {
            // If somebody told the program to end, this one has heard it too.
            Phase::Rolling { incoming, .. } => {
                if !self.stopping {
                    incoming.signal(Signal::TERM);
                }
                self.leaving.push((incoming, kill_at));
            }
            Phase::Retiring { old, kill_at, .. } => self.leaving.push((old, kill_at)),
            Phase::Hook { hook, .. } => {
                hook.kill();
                self.bury(Some(hook));
            }
            Phase::Steady
            | Phase::Settling { .. }
            | Phase::Asking { .. }
            | Phase::Ending { .. } => {}
        }
    }

    /// A process is over: what it started and what is known of it goes. `None` is the main one.
    fn bury(&mut self, process: Option<Process>) {
        let process = process.as_ref().unwrap_or(&self.main);
        process.kill_what_is_left();
        process.last_words();
        self.of.guard.forget(process.hold());
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Signal { number, by_kernel } => self.pass_on(number, by_kernel),
            Event::Delivered(ring, set) => {
                if let Some(feed) = self.of.feeds.get_mut(ring) {
                    feed.set = set;
                }
                let now = self.now();
                let by =
                    *self.change_by.get_or_insert(now + self.of.job.debounce * LONGEST_DEBOUNCE);
                self.change_due = Some((now + self.of.job.debounce).min(by));
            }
            Event::Back(ring) => self.tell_loaded(ring),
            Event::Say(what) => self.of.output.say(format_args!("keytide: {what}")),
            Event::Warn(what) => self.of.output.warn(what),
            Event::Checked { ticket, is_ready } if ticket == self.ticket => {
                self.checked(is_ready);
            }
            // All of those came before the program was started.
            Event::First(..) | Event::Checked { .. } => {}
        }
    }

    fn pass_on(&mut self, number: i32, by_kernel: bool) {
        let Some((_, _, signal)) = SIGNALS.iter().find(|(_, known, _)| *known == number) else {
            return;
        };
        // It may go on after them, but is not started anew.
        self.stopping |= matches!(*signal, Signal::INT | Signal::QUIT | Signal::TERM);
        // A terminal's keys have reached the program already.
        let has_a_key = matches!(*signal, Signal::INT | Signal::QUIT | Signal::WINCH);
        if by_kernel && has_a_key && self.of.job.launcher.shares_terminal {
            return;
        }
        let main = self.over.is_none().then_some(&self.main);
        let other = match &self.phase {
            Phase::Rolling { incoming: other, .. } | Phase::Retiring { old: other, .. } => {
                Some(other)
            }
            _ => None,
        };
        let leaving = self.leaving.iter().map(|(process, _)| process);
        main.into_iter().chain(other).chain(leaving).for_each(|process| process.signal(*signal));
    }

    fn checked(&mut self, is_ready: bool) {
        match std::mem::replace(&mut self.phase, Phase::Steady) {
            Phase::Asking { sets } if is_ready => self.is_loaded(sets),
            Phase::Asking { sets } => {
                self.of.output.warn(
                    "the program is not ready: what it has loaded is not told to the ring's server",
                );
                // It may be slow; whoever started it sees to that.
                self.ask(sets);
            }
            // Both were told to end: neither takes over.
            phase @ Phase::Rolling { .. } if self.stopping => self.phase = phase,
            Phase::Rolling { incoming, sets } if is_ready => {
                let old = std::mem::replace(&mut self.main, incoming);
                old.signal(Signal::TERM);
                let kill_at = self.now() + self.of.job.grace;
                self.phase = Phase::Retiring { old, sets, kill_at };
            }
            Phase::Rolling { incoming, .. } => {
                incoming.kill();
                self.bury(Some(incoming));
                self.again("the program's new process did not become ready; the old one stays");
            }
            phase => self.phase = phase,
        }
    }

    /// What is due by now.
    fn act_on_time(&mut self) {
        let now = self.now();
        if self.refusal.is_none()
            && self.over.is_none()
            && let Some(feed) = self.of.feeds.iter().find(|feed| feed.good_for().is_zero())
        {
            self.refusal = Some(feed.too_old());
            self.of.output.warn("the program is ended: its keys may have been revoked since");
            self.tell_to_end();
            self.stopping = true;
        }
        match &self.phase {
            Phase::Settling { until, .. } if *until <= now => {
                if let Phase::Settling { sets, .. } = self.take_phase() {
                    self.confirm(sets);
                }
            }
            Phase::Ending { kill_at } if *kill_at <= now => {
                self.main.kill();
                self.phase = Phase::Ending { kill_at: Duration::MAX };
            }
            Phase::Retiring { old, kill_at, .. } if *kill_at <= now => old.kill(),
            Phase::Hook { hook, kill_at, .. } if *kill_at <= now => hook.kill(),
            _ => {}
        }
        for (process, kill_at) in self.leaving.iter_mut().filter(|(_, kill_at)| *kill_at <= now) {
            process.kill();
            *kill_at = Duration::MAX;
        }
        if self.change_due.is_some_and(|due| due <= now) && self.may_change() {
            (self.change_due, self.change_by) = (None, None);
            // A full disk must not end a program that has keys to work with.
            if let Err(why) = self.change() {
                self.again(why.message);
            }
        }
    }

    fn take_phase(&mut self) -> Phase {
        std::mem::replace(&mut self.phase, Phase::Steady)
    }

    /// Whether nothing is under way that must come to its end first.
    fn may_change(&self) -> bool {
        self.over.is_none()
            && matches!(self.phase, Phase::Steady | Phase::Settling { .. } | Phase::Asking { .. })
    }

    /// How long nothing will be due.
    fn rest(&self) -> Duration {
        let now = self.now();
        let stale = self.of.feeds.iter().map(Feed::good_for).min();
        let stale =
            stale.filter(|_| self.refusal.is_none() && self.over.is_none()).map(|left| now + left);
        let phase = match &self.phase {
            Phase::Settling { until: at, .. }
            | Phase::Ending { kill_at: at }
            | Phase::Retiring { kill_at: at, .. }
            | Phase::Hook { kill_at: at, .. } => Some(*at),
            Phase::Steady | Phase::Asking { .. } | Phase::Rolling { .. } => None,
        };
        let change = self.change_due.filter(|_| self.may_change());
        let leaving = self.leaving.iter().map(|(_, kill_at)| *kill_at).min();
        let next = [stale, phase, leaving, change].into_iter().flatten().min();
        // A death that came just before is heard of by its signal; this is for a signal that is lost.
        let rest = next.map_or(LONGEST_REST, |next| next.saturating_sub(now));
        rest.clamp(SHORTEST_REST, LONGEST_REST)
    }

    /// Acts on other keys.
    fn change(&mut self) -> Result<(), Failure> {
        let sets = self.of.newest();
        if self.has(&sets) {
            // An epoch may begin with the same keys, such as when the ring's policy changes. Where they
            // are not known to be loaded yet, that is told once they are.
            if matches!(self.phase, Phase::Steady) {
                self.tell_all_loaded();
            }
            return Ok(());
        }
        let (values, told) = self.of.variables(&sets, &mut self.said_unset);
        self.of.outlet.renew(&values)?;
        self.given.clone_from(&sets);
        match &self.of.job.on_change {
            OnChange::Nothing => {
                self.of.output.say(format_args!(
                    "keytide: there are other keys ({told}); the program is left as it is"
                ));
            }
            OnChange::Restart if self.stopping => {
                self.of.output.say(format_args!(
                    "keytide: there are other keys ({told}); the program was told to end, and is not \
                     started again"
                ));
            }
            OnChange::Signal(signal) => {
                self.of.output.say(format_args!("keytide: the program reloads its keys ({told})"));
                self.main.signal(*signal);
                self.settle(sets, SETTLE_SIGNALLED);
            }
            OnChange::Exec(command) => {
                self.of.output.say(format_args!("keytide: the program reloads its keys ({told})"));
                let mut handed = self.of.outlet.hand(&values)?;
                let pid = self.main.pid().as_raw_nonzero().to_string();
                handed.environment.push((PID.to_owned(), pid.into()));
                let command: Vec<OsString> =
                    ["/bin/sh", "-c", command].into_iter().map(OsString::from).collect();
                let hook = self.of.job.launcher.start(&command, &handed, &self.of.secrets)?;
                self.of.watch_over(&hook)?;
                let kill_at = self.now() + self.of.job.patience;
                self.phase = Phase::Hook { hook, sets, kill_at };
            }
            OnChange::Restart if self.of.job.rolling => {
                self.of.output.say(format_args!("keytide: a new process takes over ({told})"));
                let (incoming, sets) = self.of.start(&mut self.said_unset)?;
                self.check(&sets);
                self.phase = Phase::Rolling { incoming, sets };
            }
            OnChange::Restart => {
                self.of.output.say(format_args!("keytide: the program is restarted ({told})"));
                self.tell_to_end();
            }
        }
        Ok(())
    }

    fn tell_to_end(&mut self) {
        self.main.signal(Signal::TERM);
        let phase = self.take_phase();
        self.dismiss(phase);
        self.phase = Phase::Ending { kill_at: self.now() + self.of.job.grace };
    }

    /// Whether the program has these very keys already: given, and loaded as far as that is known now.
    fn has(&self, sets: &Sets) -> bool {
        let loaded = match &self.phase {
            Phase::Settling { sets, .. } | Phase::Asking { sets } => Some(sets),
            _ => self.loaded.as_ref(),
        };
        let same = |old: &Sets| old.iter().zip(sets).all(|(old, new)| have_same_keys(old, new));
        same(&self.given) && loaded.is_some_and(same)
    }

    fn settle(&mut self, sets: Sets, usual: Duration) {
        let until = self.now() + self.of.job.settle.unwrap_or(usual);
        self.phase = Phase::Settling { sets, until };
    }

    /// The program should have loaded these: it is asked, if it can be.
    fn confirm(&mut self, sets: Sets) {
        if self.of.job.readiness.is_some() {
            self.ask(sets);
        } else {
            self.is_loaded(sets);
        }
    }

    fn ask(&mut self, sets: Sets) {
        self.check(&sets);
        self.phase = Phase::Asking { sets };
    }

    fn check(&mut self, sets: &Sets) {
        self.ticket += 1;
        if let Some(readiness) = &self.of.job.readiness {
            readiness.check(self.ticket, self.of.job.variables.epochs(sets), &self.of.events);
        }
    }

    /// The program works with these keys: now, and only now, the servers are told.
    fn is_loaded(&mut self, sets: Sets) {
        self.loaded = Some(sets);
        self.tell_all_loaded();
    }

    fn tell_all_loaded(&self) {
        (0..self.of.feeds.len()).for_each(|ring| self.tell_loaded(ring));
    }

    /// Tells the nth ring's server the newest epoch whose keys the program works with.
    fn tell_loaded(&self, ring: usize) {
        let set = self.loaded.as_ref().and_then(|sets| sets.get(ring));
        if let (Some(set), Some(feed)) = (set, self.of.feeds.get(ring)) {
            let newest = if have_same_keys(set, &feed.set) { &feed.set } else { set };
            feed.loaded(newest.epoch());
        }
    }

    /// What failed is told, and tried again some time later.
    fn again(&mut self, why: impl std::fmt::Display) {
        self.of.output.warn(format_args!("{why}; it is tried again in {} s", TRY_AGAIN.as_secs()));
        let due = self.now() + TRY_AGAIN;
        self.change_due = Some(self.change_due.map_or(due, |sooner| sooner.min(due)));
    }
}

/// Whether a program that was given the one has no use for the other.
fn have_same_keys(one: &Delivery, other: &Delivery) -> bool {
    let (one, other) = (one.keys(), other.keys());
    let is_same = |one: &DeliveredKey, other: &DeliveredKey| {
        one.role() == other.role()
            && one.kid() == other.kid()
            && one.jwk().expose() == other.jwk().expose()
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
}

/// Where a command of `--on-change exec:` finds the program.
const PID: &str = "KEYTIDE_PID";
const SHORTEST_REST: Duration = Duration::from_millis(1);
const LONGEST_REST: Duration = Duration::from_secs(5);
