//! One seed from the first day to the last: what happens, in the order in which it happens.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use jiff::Timestamp;
use keytide_jose::jwk::JwkSet;
use keytide_jose::jwt::{self, HeaderParams};
use keytide_jose::key::KeySet;
use keytide_jose::{KeyId, Limits, jws};
use keytide_ring::explain::Explanation;
use keytide_ring::{
    Action, Clock, Command, EventResult, Policy, PolicySpec, Revision, Ring, RingName, RingStore,
    SignRequest, Stored, VerifyRequest, plan,
};
use keytide_store::SqliteStore;
use serde_json::{Map, Value, json};

use crate::consumer::{self, Consumer, Fetched, Flaw, Source};
use crate::faults::Fault;
use crate::judge::{Broken, Judge, Verifier};
use crate::node::{self, Node, operator};
use crate::operator::Operator;
use crate::process::{self, Loaded, Manner, Process, Step};
use crate::world::{
    Chance, DAY, Entropy, HOUR, Log, MINUTE, Ms, SECOND, Time, WrongClock, epoch_second,
    since_start,
};

/// What happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    /// A ring may be due.
    Turn(usize),
    /// A node hears from the store.
    Refresh(usize),
    /// A crashed node is started.
    Start(usize),
    /// What a consumer holds is too old.
    Fetch(usize),
    /// A consumer is restarted.
    Restart(usize),
    /// A token arrives whose key nobody knows.
    Stray(usize),
    /// Every signer of a ring signs, and everybody verifies.
    Mint(usize),
    /// So they do, now and then.
    Regular(usize),
    /// Somebody does something to a ring by hand.
    Operate(usize),
    /// A ring goes back to a long period.
    Slow(usize),
    /// Something goes wrong.
    Mishap,
    /// A process does its next step.
    Process(usize, Step),
    /// A process renews its lease.
    Renew(usize),
    /// The schedule is tried while the store's clock is wrong.
    Jumped,
    /// The store's clock is set right.
    Return,
    /// Everything is looked at.
    Look,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) happenings: u64,
    pub(crate) changes: u64,
    pub(crate) switches: u64,
    pub(crate) revocations: u64,
    pub(crate) tokens: u64,
    pub(crate) judgements: u64,
    pub(crate) lines: u64,
    pub(crate) digest: String,
}

/// A promise that was broken, and what led there.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) broken: Broken,
    pub(crate) log: Vec<String>,
}

/// A ring as it last was.
pub(crate) struct Known {
    pub(crate) name: RingName,
    pub(crate) ring: Ring,
    turn_at: Ms,
    /// When somebody last did something to it by hand.
    touched_at: Ms,
}

/// How long a run lasts: 24 months.
const END: Ms = 730 * DAY;

pub(crate) struct Course {
    flaw: Option<Flaw>,
    pub(crate) chance: Chance,
    time: Time,
    log: Log,
    queue: BinaryHeap<Reverse<(Ms, u64, Happening)>>,
    queued: u64,
    /// The store's clock.
    host: Arc<WrongClock>,
    /// How far each clock may be off: the policy's ε bounds by how much two of them disagree.
    off: Ms,
    epsilon: Ms,
    leeway: Ms,
    /// Which nodes looked at the clock just before it jumped, while it is wrong.
    jumped: Option<Vec<usize>>,
    eyes: SqliteStore,
    revision: Revision,
    audited: u64,
    nodes: Vec<Node>,
    pub(crate) rings: Vec<Known>,
    pub(crate) consumers: Vec<Consumer>,
    processes: Vec<Process>,
    judge: Judge,
    sets: BTreeMap<String, Arc<Fetched>>,
    /// When a ring may last have changed.
    settled_at: Ms,
    trouble_until: Ms,
    figures: Figures,
    // Dropped last: the stores in it are closed by then.
    dir: tempfile::TempDir,
}

/// Runs a seed.
///
/// # Errors
/// The first promise that is broken.
pub(crate) fn run(seed: u64, flaw: Option<Flaw>) -> Result<Figures, Box<Failure>> {
    let mut course = Course::new(seed, flaw);
    match course.go() {
        Ok(()) => Ok(course.figures),
        Err(broken) => {
            let log = course.log.tail().map(str::to_owned).collect();
            Err(Box::new(Failure { seed, broken, log }))
        }
    }
}

/// Where writing to the disk is not waited for, if there is such a place: that is not what is tried.
fn directory() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a directory can be made")
}

impl Course {
    fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let mut chance = Chance::new(seed);
        let dir = directory();
        let time = Time::default();
        let host = WrongClock::new(time.clone());
        let epsilon = chance.between(1, 5) * SECOND;
        let off = if flaw == Some(Flaw::ClocksFurtherOff) { epsilon } else { epsilon / 2 };
        let leeway = *chance.pick(&[30, 60, 120]) * SECOND;
        let eyes = node::open(dir.path(), &host, &Entropy::new(chance.fork()));
        let mut nodes: Vec<_> = (0..chance.between(2, 4))
            .map(|number| {
                Node::new(usize::try_from(number).expect("few"), &time, Entropy::new(chance.fork()))
            })
            .collect();
        for node in &mut nodes {
            node.start(dir.path(), &host, &time);
        }
        let mut consumers: Vec<_> =
            consumer::kinds().iter().map(|kind| Consumer::new(kind, flaw)).collect();
        for consumer in &mut consumers {
            let rare = consumer.kind.name == "microsoft-identitymodel";
            consumer.running = if rare { chance.once_in(3) } else { !chance.once_in(4) };
        }
        let processes = process::KINDS
            .iter()
            .flat_map(|kind| (0..kind.instances).map(move |number| Process::new(kind, number)))
            .collect();
        let mut rings = Vec::new();
        for (ring, name) in ["web.sim", "session.sim"].into_iter().enumerate() {
            let name: RingName = name.parse().expect("a ring's name");
            let policy = first_policy(&mut chance, ring, &consumers, epsilon, leeway);
            let keeper = nodes[0].keeper().expect("it was started");
            let made = keeper.create(&name, policy, &operator()).expect("a ring can be made");
            let ring = made.ring().clone();
            rings.push(Known { name, ring, turn_at: 0, touched_at: 0 });
        }
        Self {
            flaw,
            chance,
            time,
            log: Log::new(),
            queue: BinaryHeap::new(),
            queued: 0,
            host,
            off,
            epsilon,
            leeway,
            jumped: None,
            eyes,
            revision: Revision(0),
            audited: 0,
            nodes,
            rings,
            consumers,
            processes,
            judge: Judge::default(),
            sets: BTreeMap::new(),
            settled_at: 0,
            trouble_until: 0,
            figures: Figures {
                happenings: 0,
                changes: 0,
                switches: 0,
                revocations: 0,
                tokens: 0,
                judgements: 0,
                lines: 0,
                digest: String::new(),
            },
            dir,
        }
    }

    fn go(&mut self) -> Result<(), Broken> {
        self.observe(None)?;
        for consumer in 0..self.consumers.len() {
            self.at(SECOND, Happening::Fetch(consumer));
        }
        for process in 0..self.processes.len() {
            self.step_in((0, MINUTE), process, Step::Fetch);
            let renew = self.chance.between(HOUR, self.processes[process].kind.lease / 4);
            self.at(renew, Happening::Renew(process));
        }
        for ring in 0..self.rings.len() {
            self.after((0, DAY), Happening::Regular(ring));
            self.after((HOUR, 10 * DAY), Happening::Operate(ring));
        }
        self.after((HOUR, 10 * DAY), Happening::Mishap);
        self.at(3 * DAY, Happening::Look);
        while let Some(Reverse((at, _, happening))) = self.queue.pop() {
            if at >= END {
                break;
            }
            // What took long has others come late.
            self.time.set(at.max(self.now()));
            self.figures.happenings += 1;
            self.happen(at, happening)?;
        }
        let report = self.eyes.verify().map_err(|error| error.to_string())?;
        if !report.is_sound() {
            return Err(format!("the store does not hold: {report:?}"));
        }
        let end = self.now();
        self.log
            .note(end, format_args!("end {} records {}", report.audit.records, report.audit.head));
        let figures = &mut self.figures;
        (figures.tokens, figures.judgements) = (self.judge.tokens, self.judge.judgements);
        (figures.lines, figures.digest) = (self.log.length(), self.log.digest());
        if figures.switches < 10 {
            return Err(format!("{} switches in 24 months", figures.switches));
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> Ms {
        self.time.now()
    }

    pub(crate) fn at(&mut self, at: Ms, happening: Happening) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, happening)));
    }

    pub(crate) fn after(&mut self, (low, high): (Ms, Ms), happening: Happening) {
        let at = self.now() + self.chance.between(low, high);
        self.at(at, happening);
    }

    fn note(&mut self, what: std::fmt::Arguments<'_>) {
        self.log.note(self.time.now(), what);
    }

    fn happen(&mut self, at: Ms, happening: Happening) -> Result<(), Broken> {
        let now = self.now();
        match happening {
            Happening::Turn(ring) if self.rings[ring].turn_at == at => self.turn(ring),
            Happening::Turn(_) => Ok(()),
            Happening::Refresh(node) => {
                let heard = self.nodes[node].catch_up(&self.time, self.settled_at, 0);
                if heard { self.judge_node(node) } else { Ok(()) }
            }
            Happening::Start(node) if self.jumped.is_some() => {
                self.after((HOUR, 2 * HOUR), Happening::Start(node));
                Ok(())
            }
            Happening::Start(node) => {
                if self.nodes[node].keeper().is_none() {
                    self.nodes[node].start(self.dir.path(), &self.host, &self.time);
                    self.note(format_args!("node {node} starts"));
                }
                Ok(())
            }
            Happening::Fetch(consumer) => self.fetch(consumer, Fetching::WhenTooOld),
            Happening::Restart(consumer) => self.fetch(consumer, Fetching::Anew),
            Happening::Stray(consumer) => self.fetch(consumer, Fetching::ForAStrangeKey),
            Happening::Mint(ring) => self.mint(ring),
            Happening::Regular(ring) => {
                self.after((2 * DAY, 12 * DAY), Happening::Regular(ring));
                self.mint(ring)
            }
            Happening::Operate(ring) => self.operate(ring),
            Happening::Slow(ring) if self.jumped.is_some() => {
                self.after((HOUR, 2 * HOUR), Happening::Slow(ring));
                Ok(())
            }
            Happening::Slow(ring) => {
                let days = self.chance.between(30, 90);
                let patch = json!({ "rotate_every": format!("{days}d") });
                self.command(ring, &change(&patch))
            }
            Happening::Mishap => self.mishap(),
            Happening::Process(process, step) => {
                if self.processes[process].next == Some((at, step)) {
                    self.step(process, step)
                } else {
                    Ok(())
                }
            }
            Happening::Renew(process) => self.renew(process),
            Happening::Jumped => self.try_schedule(),
            Happening::Return => {
                self.jumped = None;
                self.host.set_error(0);
                self.note(format_args!("the store's clock is set right"));
                (0..self.rings.len()).try_for_each(|ring| self.plan_turn(ring))
            }
            Happening::Look => {
                self.at(now + 3 * DAY, Happening::Look);
                self.look()
            }
        }
    }

    /// Brings everybody to where they are just before something may change.
    fn settle(&mut self) -> Result<(), Broken> {
        if self.jumped.is_none() {
            self.host.set_error(self.chance.error(self.off));
        }
        for node in 0..self.nodes.len() {
            let (error, ago) = (self.chance.error(self.off), self.chance.between(0, SECOND - 1));
            self.nodes[node].clock.set_error(error);
            if self.nodes[node].catch_up(&self.time, self.settled_at, ago) {
                self.judge_node(node)?;
            }
        }
        let now = self.now();
        let epoch = self.rings[0].ring.epoch().get();
        for consumer in 0..self.consumers.len() {
            let error = self.chance.error(self.off);
            let (consumers, mut web) = self.web();
            let consumer = &mut consumers[consumer];
            consumer.error = error;
            consumer.go_on(now, epoch, &mut web);
        }
        for process in &mut self.processes {
            process.error = self.chance.error(self.off);
        }
        self.settled_at = now;
        Ok(())
    }

    fn turn(&mut self, ring: usize) -> Result<(), Broken> {
        if self.jumped.is_some() {
            self.rings[ring].turn_at = 0;
            return Ok(());
        }
        self.settle()?;
        if self.chance.once_in(2) {
            // The earliest instant at which the store's clock may say that it is due.
            self.host.set_error(self.off);
        }
        let Some(node) = self.some_node() else {
            return self.plan_turn_at(ring, self.now() + 10 * SECOND);
        };
        if self.chance.once_in(6) {
            self.arm(node);
        }
        if self.chance.once_in(6)
            && let Some(rival) = self.some_node().filter(|rival| *rival != node)
            && let (Some(store), Some(rival)) =
                (self.nodes[node].store(), self.nodes[rival].keeper())
        {
            let rival = Arc::clone(rival);
            store.race(Box::new(move || drop(rival.turn())));
        }
        let turned = self.nodes[node].turn();
        match &turned {
            Ok(rings) if rings.is_empty() => {}
            Ok(rings) => self.note(format_args!("node {node} turns {}", rings.join(", "))),
            Err(error) => self.note(format_args!("node {node} cannot turn: {}", error.code())),
        }
        self.after_write(node)?;
        self.plan_turn(ring)
    }

    /// A node that can reach the store.
    fn some_node(&mut self) -> Option<usize> {
        let now = self.now();
        for node in &mut self.nodes {
            node.cut_now(now);
        }
        let up: Vec<_> =
            (0..self.nodes.len()).filter(|node| self.nodes[*node].is_up(now)).collect();
        if up.is_empty() { None } else { Some(*self.chance.pick(&up)) }
    }

    /// Something befalls the next commit of a node.
    fn arm(&mut self, node: usize) {
        let fault = match self.chance.index(5) {
            0 => Fault::Busy,
            1 => Fault::LostAnswer,
            2 => Fault::CrashBefore,
            3 => Fault::CrashAfter,
            _ => Fault::Slow(self.chance.between(1, 4 * SECOND)),
        };
        if let Some(store) = self.nodes[node].store() {
            store.arm(fault);
        }
    }

    fn after_write(&mut self, node: usize) -> Result<(), Broken> {
        if let Some(store) = self.nodes[node].store() {
            store.disarm();
        }
        if self.nodes[node].has_crashed() {
            self.note(format_args!("node {node} crashes"));
            self.nodes[node].crash();
            self.after((0, MINUTE), Happening::Start(node));
        }
        self.observe(Some(node))
    }

    /// Sees what changed in the store, and has everybody react.
    fn observe(&mut self, by: Option<usize>) -> Result<(), Broken> {
        let (revision, changed) = self.eyes.changed_since(self.revision).map_err(text)?;
        self.revision = revision;
        let now = self.now();
        let mut befores = Vec::new();
        for name in changed {
            let ring =
                self.rings.iter().position(|known| known.name == name).expect("a known ring");
            let Stored { ring: after, evidence, .. } = self.eyes.load(&name).map_err(text)?;
            let known = &mut self.rings[ring];
            if after.epoch() < known.ring.epoch() {
                return Err(format!(
                    "{name} is at epoch {} after {}",
                    after.epoch(),
                    known.ring.epoch()
                ));
            }
            let before = std::mem::replace(&mut known.ring, after);
            befores.push((ring, before, evidence));
        }
        loop {
            let records = self.eyes.audit(self.audited, 64).map_err(text)?;
            let Some(last) = records.last() else { break };
            self.audited = last.seq;
            for record in records {
                let event = record.event;
                let (Some(name), EventResult::Done) = (&event.ring, &event.result) else {
                    continue;
                };
                let Some(ring) = self.rings.iter().position(|known| known.name == *name) else {
                    continue;
                };
                let (Some(kid), Some(epoch)) = (&event.kid, event.epoch) else { continue };
                let before = befores.iter().find(|(of, ..)| *of == ring);
                match event.action {
                    Action::KeyRevoke => {
                        let until: Timestamp =
                            event.detail["exposed_until"].parse().map_err(|_| "no instant")?;
                        self.judge.revoked(ring, kid, now, epoch.get(), since_start(until));
                        self.figures.revocations += 1;
                        self.at(since_start(until) + 1, Happening::Mint(ring));
                    }
                    Action::KeyActivate => {
                        self.figures.switches += 1;
                        let seconds: Option<Ms> =
                            event.detail.get("risked_seconds").and_then(|text| text.parse().ok());
                        let unheard = match before {
                            Some((_, before, evidence))
                                if event.detail.contains_key("unacknowledged") =>
                            {
                                let told = Explanation::of(before, evidence, self.host.now());
                                let names = told.rotate.waits_for.into_iter();
                                names
                                    .filter_map(|w| Some(format!("{}/{}", w.consumer, w.instance?)))
                                    .collect()
                            }
                            _ => Vec::new(),
                        };
                        if seconds.is_some() || !unheard.is_empty() {
                            let until = now + seconds.unwrap_or(0) * SECOND;
                            self.judge.risked(ring, kid, until, unheard);
                            self.at(until, Happening::Mint(ring));
                        }
                    }
                    _ => {}
                }
            }
        }
        for (ring, _, _) in befores {
            self.react(ring, by)?;
        }
        Ok(())
    }

    /// Everybody who works with a ring goes on from its new epoch, each in its own time.
    fn react(&mut self, ring: usize, by: Option<usize>) -> Result<(), Broken> {
        self.figures.changes += 1;
        let now = self.now();
        if self.jumped.is_some() {
            return Err(format!(
                "{} was changed by a clock that had jumped",
                self.rings[ring].name
            ));
        }
        let known = &self.rings[ring].ring;
        let (epoch, signs) = (known.epoch().get(), known.active().kid.clone());
        let spec = known.policy().spec();
        let lag = millis(spec.signer_lag.min(spec.propagation));
        let propagation = millis(spec.propagation);
        let states: Vec<_> =
            known.keys().map(|key| format!("{} {}", key.kid, key.state.name())).collect();
        if known.verifying().count() > 16 {
            return Err(format!("{} keys are in the set", known.verifying().count()));
        }
        let name = self.rings[ring].name.clone();
        self.note(format_args!(
            "{name} is at epoch {epoch}: {}",
            states[..states.len().min(5)].join(", ")
        ));
        self.judge.saw(ring, epoch, &signs, None)?;
        for node in 0..self.nodes.len() {
            if Some(node) == by && self.chance.once_in(2) {
                continue;
            }
            let late = match self.chance.index(8) {
                0..5 => self.chance.between(0, SECOND),
                5 => self.chance.between(0, 2 * propagation),
                6 => propagation,
                _ => self.chance.between(0, propagation),
            };
            let deaf_until = (now + late).max(self.nodes[node].deaf_until);
            self.nodes[node].deaf_until = deaf_until;
            self.at(deaf_until.max(self.nodes[node].cut_until), Happening::Refresh(node));
        }
        if ring == 0 {
            for consumer in 0..self.consumers.len() {
                self.plan_fetch(consumer);
                match self.chance.index(6) {
                    0 => self.after((0, propagation), Happening::Restart(consumer)),
                    1 => self.after((0, SECOND), Happening::Restart(consumer)),
                    2 => self.after((0, 2 * propagation), Happening::Stray(consumer)),
                    _ => {}
                }
            }
        }
        let soon = self.chance.between(1, SECOND);
        for later in [0, soon, lag, lag + 1, propagation] {
            self.at(now + later, Happening::Mint(ring));
        }
        for process in 0..self.processes.len() {
            self.plan_take_up(process);
        }
        self.plan_turn(ring)
    }

    fn plan_turn_at(&mut self, ring: usize, at: Ms) -> Result<(), Broken> {
        self.rings[ring].turn_at = at;
        self.at(at, Happening::Turn(ring));
        Ok(())
    }

    /// Plans the next turn of a ring for when the store's clock may first say that it is due. Whoever is
    /// waited for without a lease is looked after every few hours.
    fn plan_turn(&mut self, ring: usize) -> Result<(), Broken> {
        let Stored { ring: known, evidence, .. } =
            self.eyes.load(&self.rings[ring].name).map_err(text)?;
        let (now, shown) = (self.now(), self.host.now());
        let waits = |due: plan::Due| match due.waits_for.iter().filter_map(|w| w.lease_until).min()
        {
            _ if due.at > shown || due.waits_for.is_empty() => since_start(due.at),
            Some(lease) => since_start(lease).min(now + 6 * HOUR),
            None => now + 6 * HOUR,
        };
        let due = plan::upcoming(&known, &evidence, shown).into_iter().map(waits).min();
        let soonest = now + self.chance.between(SECOND / 2, 2 * SECOND);
        self.plan_turn_at(ring, (due.unwrap_or(END) - self.off).max(soonest))
    }

    fn web(&mut self) -> (&mut Vec<Consumer>, Web<'_>) {
        let Self { consumers, nodes, time, chance, sets, judge, rings, settled_at, .. } = self;
        let web = Web {
            nodes,
            time,
            chance,
            sets,
            judge,
            name: &rings[0].name,
            settled_at: *settled_at,
            broken: None,
        };
        (consumers, web)
    }

    fn plan_fetch(&mut self, consumer: usize) {
        let now = self.now();
        let known = &self.consumers[consumer];
        let current =
            known.set(now).is_some_and(|set| set.epoch == self.rings[0].ring.epoch().get());
        if let Some(at) = known.expires_at().filter(|_| !current && known.running) {
            self.at(at.max(now + 1), Happening::Fetch(consumer));
        }
    }

    fn fetch(&mut self, number: usize, how: Fetching) -> Result<(), Broken> {
        let now = self.now();
        if !self.consumers[number].running {
            return Ok(());
        }
        if how == Fetching::WhenTooOld {
            if self.chance.once_in(2) {
                // It thinks that there is time left.
                self.consumers[number].error = -self.off;
            }
            if self.consumers[number].set(now).is_some() {
                self.judge_consumer(number)?;
                self.plan_fetch(number);
                return Ok(());
            }
        }
        self.judge_consumer(number)?;
        if self.chance.once_in(3) {
            self.consumers[number].error = self.off;
        }
        let (consumers, mut web) = self.web();
        let consumer = &mut consumers[number];
        let fetched = match how {
            Fetching::WhenTooOld => consumer.fetch(now, &mut web),
            Fetching::Anew => consumer.restart(now, &mut web),
            Fetching::ForAStrangeKey => {
                consumer.meet_unknown_key(now, &mut web);
                true
            }
        };
        if let Some(broken) = web.broken {
            return Err(broken);
        }
        if !fetched {
            // It cannot verify anything until it can fetch.
            let again = self.consumers[number].cut_until.max(now + 30 * SECOND);
            self.at(again, Happening::Fetch(number));
            return Ok(());
        }
        self.judge_consumer(number)?;
        self.plan_fetch(number);
        Ok(())
    }

    /// Every signer of a ring signs, and everybody is judged.
    fn mint(&mut self, ring: usize) -> Result<(), Broken> {
        let now = self.now();
        let name = self.rings[ring].name.clone();
        let mut samples = Vec::new();
        for number in 0..self.nodes.len() {
            let ago = self.chance.between(0, SECOND - 1);
            if self.nodes[number].catch_up(&self.time, self.settled_at, ago) {
                self.judge_node(number)?;
            }
            let node = &self.nodes[number];
            let Some(keeper) = node.keeper() else { continue };
            match keeper.sign(&name, SignRequest::default()) {
                Ok(signed) => {
                    let snapshot = keeper.loaded(&name).expect("it just signed with it");
                    let spec = snapshot.ring().policy().spec();
                    let lag = millis(spec.signer_lag.min(spec.propagation));
                    self.judge.used(&node.name, ring, &signed.kid, now, lag)?;
                    self.judge.signed(ring, &signed.kid, since_start(signed.expires_at));
                    if self.chance.once_in(8) {
                        samples.push((signed.kid, signed.token));
                    }
                }
                Err(error) if matches!(error.code(), "fenced" | "store_unavailable") => {}
                Err(error) => return Err(format!("{} cannot sign: {error}", node.name)),
            }
        }
        for process in self.processes.iter().filter(|process| process.kind.ring == ring) {
            let Some(loaded) = process.working(now) else { continue };
            let Some(signer) = &loaded.signer else { continue };
            let issued = (now + process.error).div_euclid(SECOND) * SECOND;
            self.judge.signed(ring, &loaded.active, issued + loaded.ttl);
            if self.chance.once_in(8) {
                let claims = json!({ "iat": epoch_second(issued), "exp": epoch_second(issued + loaded.ttl) });
                let params = HeaderParams { typ: Some("JWT".to_owned()), extra: Map::new() };
                let token =
                    jwt::issue(signer, &params, &claims).map_err(|error| error.to_string())?;
                samples.push((loaded.active.clone(), token));
            }
        }
        self.judge_everybody(ring)?;
        samples.into_iter().try_for_each(|(kid, token)| self.present(ring, &kid, &token))
    }

    /// Has everybody verify a token for real.
    fn present(&mut self, ring: usize, kid: &KeyId, token: &str) -> Result<(), Broken> {
        let now = self.now();
        if !self.judge.is_judged(ring, kid, now) {
            return Ok(());
        }
        for node in &self.nodes {
            let Some(keeper) = node.keeper() else { continue };
            let request = VerifyRequest { token: token.to_owned(), audience: None, leeway: None };
            match keeper.verify(&self.rings[ring].name, &request) {
                Err(error) if !matches!(error.code(), "fenced" | "store_unavailable") => {
                    return Err(format!("{} refuses a token of {kid}: {error}", node.name));
                }
                _ => {}
            }
        }
        let verified = |keys: &KeySet| {
            jws::Unverified::parse(token, &Limits::default())
                .and_then(|token| token.verify_any(keys).map(drop))
        };
        let consumers = self.consumers.iter().filter(|_| ring == 0);
        let sets =
            consumers.filter_map(|consumer| Some((consumer.kind.name, &consumer.set(now)?.keys)));
        let processes = self.processes.iter().filter(|process| process.kind.ring == ring);
        let loaded =
            processes.filter_map(|process| Some((process.kind.name, &process.working(now)?.keys)));
        for (who, keys) in sets.chain(loaded) {
            verified(keys)
                .map_err(|error| format!("{who} refuses a signature of {kid}: {error}"))?;
        }
        Ok(())
    }

    fn judge_everybody(&mut self, ring: usize) -> Result<(), Broken> {
        (0..self.nodes.len()).try_for_each(|node| self.judge_node(node))?;
        if ring == 0 {
            (0..self.consumers.len()).try_for_each(|consumer| self.judge_consumer(consumer))?;
        }
        (0..self.processes.len()).try_for_each(|process| self.judge_process(process))
    }

    fn judge_node(&mut self, number: usize) -> Result<(), Broken> {
        let node = &self.nodes[number];
        let Some(keeper) = node.keeper() else { return Ok(()) };
        for (ring, known) in self.rings.iter().enumerate() {
            let Some(snapshot) = keeper.loaded(&known.name) else { continue };
            let seen = snapshot.ring();
            if keeper.check_fence(seen.policy().spec().propagation, "P").is_err() {
                continue;
            }
            let tag = snapshot.published().ok().map(|set| set.etag.clone());
            self.judge.saw(ring, seen.epoch().get(), &seen.active().kid, tag)?;
            let trusts = |kid: &KeyId| seen.key(kid).is_some_and(|key| key.state.verifies());
            let error = node.clock.error();
            let by = Verifier { who: &node.name, ring, error, trusts: &trusts, loaded: None };
            self.judge.judge(&by, self.leeway, self.time.now())?;
        }
        Ok(())
    }

    fn judge_consumer(&mut self, number: usize) -> Result<(), Broken> {
        let consumer = &self.consumers[number];
        let now = self.time.now();
        let Some(set) = consumer.set(now) else { return Ok(()) };
        let trusts = |kid: &KeyId| set.kids.contains(kid) || consumer.unforgotten().contains(kid);
        let by = Verifier {
            who: consumer.kind.name,
            ring: 0,
            error: consumer.error,
            trusts: &trusts,
            loaded: None,
        };
        self.judge.judge(&by, self.leeway, now)
    }

    fn judge_process(&mut self, number: usize) -> Result<(), Broken> {
        let process = &self.processes[number];
        let now = self.time.now();
        let Some(loaded) = process.working(now) else { return Ok(()) };
        let trusts = |kid: &KeyId| loaded.kids.contains(kid);
        let (ring, error) = (process.kind.ring, process.error);
        let by = Verifier {
            who: &process.who(),
            ring,
            error,
            trusts: &trusts,
            loaded: Some(loaded.epoch.get()),
        };
        self.judge.judge(&by, self.leeway, now)
    }

    fn step_in(&mut self, (low, high): (Ms, Ms), process: usize, step: Step) {
        let at = self.now() + self.chance.between(low, high);
        self.processes[process].next = Some((at, step));
        self.at(at, Happening::Process(process, step));
    }

    /// A process takes up a set that is not the one it works with, in its own time.
    fn plan_take_up(&mut self, number: usize) {
        let process = &self.processes[number];
        let ring = &self.rings[process.kind.ring].ring;
        let Some(loaded) = &process.loaded else { return };
        let kids: BTreeSet<_> = ring.verifying().map(|key| key.kid.clone()).collect();
        if (loaded.kids == kids && loaded.active == ring.active().kid) || process.next.is_some() {
            return;
        }
        let first = if process.kind.manner == Manner::Reloads { Step::Fetch } else { Step::Stop };
        self.step_in(process.delay(), number, first);
    }

    fn step(&mut self, number: usize, step: Step) -> Result<(), Broken> {
        let now = self.now();
        self.processes[number].next = None;
        let again = (10 * SECOND, 10 * MINUTE);
        let cut_until = self.processes[number].cut_until;
        if now < cut_until && matches!(step, Step::Fetch | Step::Acknowledge) {
            self.step_in((cut_until - now, cut_until - now + HOUR), number, step);
            return Ok(());
        }
        let who = self.processes[number].who();
        match step {
            Step::Stop => {
                let process = &mut self.processes[number];
                (process.loaded, process.fetched) = (None, None);
                if self.chance.once_in(4) && process.kind.manner != Manner::Silent {
                    process.rename();
                }
                self.step_in((SECOND, 2 * MINUTE), number, Step::Fetch);
            }
            Step::Fetch => {
                let said = self.processes[number].says(false);
                let Some(delivery) = self.check_in(number, &said)? else {
                    self.step_in(again, number, Step::Fetch);
                    return Ok(());
                };
                let ttl =
                    self.rings[self.processes[number].kind.ring].ring.policy().spec().token_ttl;
                self.processes[number].fetched = Some(Loaded::of(&delivery, millis(ttl)));
                self.step_in((0, MINUTE), number, Step::Load);
            }
            Step::Load => {
                let process = &mut self.processes[number];
                process.loaded = process.fetched.take();
                let Some(loaded) = &process.loaded else { return Ok(()) };
                let (ring, epoch, active) =
                    (process.kind.ring, loaded.epoch, loaded.active.clone());
                self.note(format_args!("{who} works with epoch {epoch}"));
                self.judge.saw(ring, epoch.get(), &active, None)?;
                self.judge_process(number)?;
                self.step_in((0, MINUTE), number, Step::Acknowledge);
            }
            Step::Acknowledge if self.processes[number].kind.manner == Manner::Silent => {
                let process = &self.processes[number];
                let ring = process.kind.ring;
                let current =
                    process.loaded.as_ref().map(|l| l.epoch) == Some(self.rings[ring].ring.epoch());
                if !current || self.jumped.is_some() {
                    self.step_in(again, number, Step::Fetch);
                    return Ok(());
                }
                let command = Command::Assume {
                    consumer: process.kind.name.to_owned(),
                    instance: Some(process.instance()),
                    reason: Some("restarted by hand".to_owned()),
                };
                self.command(ring, &command)?;
                self.plan_take_up(number);
            }
            Step::Acknowledge => {
                self.settle()?;
                let said = self.processes[number].says(true);
                if self.processes[number].loaded.is_none() {
                    return Ok(());
                }
                if self.check_in(number, &said)?.is_none() {
                    self.step_in(again, number, Step::Acknowledge);
                    return Ok(());
                }
                self.plan_turn(self.processes[number].kind.ring)?;
                self.plan_take_up(number);
            }
        }
        Ok(())
    }

    /// Checks in with some node; none where that fails.
    fn check_in(
        &mut self,
        number: usize,
        said: &keytide_ring::CheckIn,
    ) -> Result<Option<keytide_ring::Delivery>, Broken> {
        let Some(node) = self.some_node() else { return Ok(None) };
        let now = self.now();
        let name = self.rings[self.processes[number].kind.ring].name.clone();
        if said.epoch.is_some() && self.jumped.is_none() && self.chance.once_in(12) {
            self.arm(node);
        }
        let keeper = Arc::clone(self.nodes[node].keeper().expect("it is up"));
        let answer = keeper.check_in(&name, said);
        self.after_write(node)?;
        match answer {
            Ok(delivery) => {
                let process = &mut self.processes[number];
                process.works_until = now + process.kind.lease - 2 * self.epsilon;
                Ok(Some(delivery))
            }
            Err(error) => {
                self.note(format_args!(
                    "{} is not heard: {}",
                    self.processes[number].who(),
                    error.code()
                ));
                Ok(None)
            }
        }
    }

    fn renew(&mut self, number: usize) -> Result<(), Broken> {
        let now = self.now();
        let process = &self.processes[number];
        let lease = process.kind.lease;
        if process.running && process.loaded.is_some() && now >= process.works_until {
            let who = process.who();
            self.note(format_args!("{who} stops: its lease has ended"));
            self.processes[number].loaded = None;
            self.step_in((SECOND, MINUTE), number, Step::Fetch);
        } else if process.running && process.loaded.is_some() && now >= process.cut_until {
            let said = process.says(false);
            self.check_in(number, &said)?;
        }
        self.after((lease / 5, lease / 3), Happening::Renew(number));
        Ok(())
    }

    fn operate(&mut self, ring: usize) -> Result<(), Broken> {
        let lead = millis(self.rings[ring].ring.policy().lead());
        let next = if self.chance.once_in(3) { (SECOND, 2 * lead) } else { (DAY, 18 * DAY) };
        self.after(next, Happening::Operate(ring));
        let Some(Operator { command, consumer, bout }) = self.choose(ring) else { return Ok(()) };
        if let (Some(consumer), Command::RemoveConsumer { .. }) = (consumer, &command) {
            let kind = self.consumers[consumer].kind;
            self.consumers[consumer] = Consumer::new(kind, self.flaw);
            self.consumers[consumer].running = false;
        }
        self.command(ring, &command)?;
        if let (Some(consumer), Command::AddConsumer { .. }) = (consumer, &command) {
            let name = self.consumers[consumer].kind.name;
            if self.rings[ring].ring.policy().consumer(name).is_some() {
                self.consumers[consumer].running = true;
                self.after((0, MINUTE), Happening::Fetch(consumer));
            }
        }
        if let Some(bout) = bout {
            self.after((bout, bout + 1), Happening::Slow(ring));
        }
        Ok(())
    }

    /// Does something to a ring by hand.
    fn command(&mut self, ring: usize, command: &Command) -> Result<(), Broken> {
        if self.jumped.is_some() {
            return Ok(());
        }
        self.settle()?;
        let Some(node) = self.some_node() else { return Ok(()) };
        let name = self.rings[ring].name.clone();
        let keeper = Arc::clone(self.nodes[node].keeper().expect("it is up"));
        let tried = self.chance.once_in(4).then(|| keeper.try_out(&name, command.clone()));
        let armed = self.chance.once_in(8);
        if armed {
            self.arm(node);
        }
        let result = keeper.command(&name, command.clone(), &operator());
        let told = |result: &Result<keytide_ring::Changed, keytide_ring::Error>| match result {
            Ok(changed) => format!("done, epoch {}", changed.epoch),
            Err(error) => error.code().to_owned(),
        };
        let ended = told(&result);
        if let Some(tried) = tried.as_ref().map(told).filter(|tried| !armed && *tried != ended) {
            return Err(format!("{command:?} was tried out: {tried}; and done: {ended}"));
        }
        self.note(format_args!("an operator of {name}: {}: {ended}", command.action().as_str()));
        if result.is_ok() || armed {
            self.rings[ring].touched_at = self.now();
        }
        self.after_write(node)
    }

    fn mishap(&mut self) -> Result<(), Broken> {
        self.after((12 * HOUR, 16 * DAY), Happening::Mishap);
        if self.jumped.is_some() {
            return Ok(());
        }
        let now = self.now();
        let node = self.chance.index(self.nodes.len());
        let trouble = match self.chance.index(10) {
            0 | 1 => {
                self.note(format_args!("node {node} is killed"));
                self.nodes[node].crash();
                let down = self.chance.between(0, HOUR);
                self.at(now + down, Happening::Start(node));
                down
            }
            2 | 3 => {
                let cut = self.chance.between(SECOND, 3 * HOUR);
                self.cut(node, cut);
                cut
            }
            4 => {
                let cut = self.chance.between(SECOND, 5 * MINUTE);
                (0..self.nodes.len()).for_each(|node| self.cut(node, cut));
                cut
            }
            5 | 6 => {
                let consumer = self.chance.index(self.consumers.len());
                self.consumers[consumer].cut_until = now + self.chance.between(MINUTE, 3 * DAY);
                0
            }
            7 => {
                let process = self.chance.index(self.processes.len());
                let cut = self.chance.between(HOUR, 15 * DAY);
                self.processes[process].cut_off(now, now + cut);
                0
            }
            8 => {
                let process = self.chance.index(self.processes.len());
                if self.processes[process].next.is_none()
                    && self.processes[process].loaded.is_some()
                {
                    self.step_in((0, SECOND), process, Step::Stop);
                }
                0
            }
            _ => self.jump()?,
        };
        self.trouble_until = self.trouble_until.max(now + trouble);
        Ok(())
    }

    fn cut(&mut self, node: usize, long: Ms) {
        self.note(format_args!("node {node} is cut off for {long} ms"));
        let until = self.now() + long;
        // It hears for the last time within the second before.
        self.nodes[node].catch_up(&self.time, self.settled_at, 0);
        self.nodes[node].cut_until = until;
        self.at(until, Happening::Refresh(node));
    }

    /// Somebody sets the store's clock wrong, for a while.
    fn jump(&mut self) -> Result<Ms, Broken> {
        self.settle()?;
        let now = self.now();
        let mut looked = Vec::new();
        for node in 0..self.nodes.len() {
            self.nodes[node].cut_now(now);
            // Every node looks each second; a busy one that turns nothing has looked all the same.
            if self.nodes[node].is_up(now) && self.nodes[node].turn().is_ok() {
                looked.push(node);
            }
        }
        self.observe(None)?;
        let far = [MINUTE, HOUR, 30 * DAY, 3_650 * DAY];
        let by = self.chance.pick(&far) * if self.chance.once_in(2) { 1 } else { -1 };
        let long = self.chance.between(20 * SECOND, (by.abs() / 2).min(HOUR));
        self.host.set_error(by);
        self.jumped = Some(looked);
        self.note(format_args!("the store's clock jumps by {by} ms for {long} ms"));
        for _ in 0..5 {
            self.after((SECOND, long), Happening::Jumped);
        }
        self.at(now + long + 1, Happening::Return);
        Ok(long)
    }

    /// While the store's clock is wrong, nothing is done on time.
    fn try_schedule(&mut self) -> Result<(), Broken> {
        let Some(looked) = self.jumped.clone() else { return Ok(()) };
        let revision = self.revision;
        for node in looked {
            let now = self.now();
            self.nodes[node].cut_now(now);
            if !self.nodes[node].is_up(now) {
                continue;
            }
            match self.nodes[node].turn() {
                Err(error) if error.code() == "clock_jumped" => {}
                other => {
                    return Err(format!("the clock jumped, and node {node} turned: {other:?}"));
                }
            }
        }
        self.observe(None)?;
        if self.revision == revision {
            Ok(())
        } else {
            Err("something was done by a clock that jumped".to_owned())
        }
    }

    /// Whether rings go on as they should, and say so if they do not.
    fn look(&mut self) -> Result<(), Broken> {
        const SLACK: Ms = 12 * HOUR;
        let now = self.now();
        self.judge.forget(now);
        if self.jumped.is_some() || now < self.trouble_until + SLACK {
            return Ok(());
        }
        for known in &self.rings {
            let Stored { ring, evidence, .. } = self.eyes.load(&known.name).map_err(text)?;
            let shown = self.host.now();
            let safe_at = plan::activation(&ring, &evidence, shown).at;
            let due = since_start(ring.rotation_due_at().max(safe_at));
            let told = Explanation::of(&ring, &evidence, shown);
            let waits = told
                .next
                .iter()
                .filter(|next| next.step == "activate")
                .flat_map(|next| &next.waits_for);
            let named = |name: &str| told.sentences.iter().any(|said| said.contains(name));
            let mut waits = waits.peekable();
            if now > due.max(known.touched_at) + SLACK && waits.peek().is_none() {
                return Err(format!(
                    "{} has been due for {} ms, and waits for nobody",
                    known.name,
                    now - due
                ));
            }
            if let Some(silent) = waits.find(|waiting| !named(&waiting.consumer)) {
                return Err(format!("{} waits for {silent}, and does not say so", known.name));
            }
            let quiet = millis(ring.policy().overlap(ring.active().longest_ttl)) * 2
                + millis(ring.policy().spec().rotate_every);
            let keys = ring.verifying().count() as u64;
            let waited_for = told.next.iter().any(|next| !next.waits_for.is_empty());
            if now > known.touched_at + quiet + 20 * DAY
                && !waited_for
                && keys > ring.policy().most_keys_in_set()
            {
                return Err(format!("{} has {keys} keys in its set", known.name));
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fetching {
    WhenTooOld,
    Anew,
    ForAStrangeKey,
}

/// The nodes behind their load balancer, as a consumer sees them.
struct Web<'a> {
    nodes: &'a mut Vec<Node>,
    time: &'a Time,
    chance: &'a mut Chance,
    sets: &'a mut BTreeMap<String, Arc<Fetched>>,
    judge: &'a mut Judge,
    name: &'a RingName,
    settled_at: Ms,
    broken: Option<Broken>,
}

impl Source for Web<'_> {
    fn fetch(&mut self) -> Option<Arc<Fetched>> {
        let first = self.chance.index(self.nodes.len());
        for n in 0..self.nodes.len() {
            let at = (first + n) % self.nodes.len();
            let ago = self.chance.between(0, SECOND - 1);
            self.nodes[at].catch_up(self.time, self.settled_at, ago);
            let Some(keeper) = self.nodes[at].keeper() else { continue };
            let Ok(set) = keeper.published(self.name) else { continue };
            let snapshot = keeper.loaded(self.name)?;
            let ring = snapshot.ring();
            let tag = Some(set.etag.clone());
            if let Err(broken) = self.judge.saw(0, ring.epoch().get(), &ring.active().kid, tag) {
                self.broken = Some(broken);
            }
            if let Some(known) = self.sets.get(&set.etag) {
                return Some(Arc::clone(known));
            }
            let jwks = JwkSet::parse(&set.body, &Limits::default()).expect("a published set");
            let algorithms: Vec<_> = ring.verifying().map(|key| key.algorithm).collect();
            let seconds: Option<Ms> =
                set.cache_control.rsplit('=').next().and_then(|text| text.parse().ok());
            let fetched = Arc::new(Fetched {
                epoch: ring.epoch().get(),
                kids: jwks.keys().iter().filter_map(|key| key.key_id().cloned()).collect(),
                keys: KeySet::from_jwks(&jwks, &algorithms).expect("a published set"),
                max_age: seconds.expect("a max-age") * SECOND,
            });
            self.sets.insert(set.etag, Arc::clone(&fetched));
            return Some(fetched);
        }
        None
    }

    fn draw(&mut self, low: Ms, high: Ms) -> Ms {
        self.chance.between(low, high)
    }
}

/// The policy with which a ring begins.
fn first_policy(
    chance: &mut Chance,
    ring: usize,
    consumers: &[Consumer],
    epsilon: Ms,
    leeway: Ms,
) -> Policy {
    let mut declared: Vec<Value> = process::KINDS
        .iter()
        .filter(|kind| kind.ring == ring)
        .map(|kind| serde_json::from_str(kind.spec).expect("a consumer's declaration"))
        .collect();
    if ring == 0 {
        let running = consumers.iter().filter(|consumer| consumer.running);
        declared
            .extend(running.map(|c| serde_json::to_value(c.kind.spec()).expect("a declaration")));
    }
    let seconds = |chance: &mut Chance, of: &[Ms]| format!("{}s", chance.pick(of));
    let algorithm = if ring == 0 { *chance.pick(&["ES256", "EdDSA"]) } else { "HS256" };
    let policy = json!({
        "algorithm": algorithm,
        "rotate_every": format!("{}d", chance.between(20, 90)),
        "token_ttl": format!("{}m", chance.between(5, 360)),
        "propagation": seconds(chance, &[5, 30, 60]),
        "clock_error": format!("{}ms", epsilon),
        "signer_lag": seconds(chance, &[2, 10, 30]),
        "leeway": format!("{}ms", leeway),
        "rollback_window": format!("{}d", chance.between(1, 14)),
        "max_age": seconds(chance, &[60, 300, 900]),
        "consumers": declared,
    });
    let spec: PolicySpec = serde_json::from_value(policy).expect("a policy");
    Policy::new(spec).expect("a policy that holds")
}

pub(crate) fn change(patch: &Value) -> Command {
    Command::Change { patch: patch.as_object().expect("an object").clone(), reason: None }
}

pub(crate) fn millis(span: keytide_ring::Span) -> Ms {
    Ms::try_from(span.as_millis()).expect("a span of a few years")
}

fn text(error: keytide_ring::Error) -> Broken {
    format!("{}: {error}", error.code())
}
