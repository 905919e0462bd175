//! One seed from the first day to the last: what happens, in the order in which it happens.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use keytide_ring::{Command, Error, Policy, PolicySpec, Revision, Ring, RingName, Span};
use keytide_store::SqliteStore;
use serde_json::{Value, json};

use crate::consumer::{self, Consumer, Fetched, Flaw};
use crate::judge::{Broken, Judge};
use crate::node::{self, Node, operator};
use crate::process::{self, Process, Step};
use crate::web::Fetching;
use crate::world::{Chance, DAY, Entropy, HOUR, Log, MINUTE, Ms, SECOND, Time, WrongClock};

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
    /// So it is, because something seemed to stand still.
    LookAgain,
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
    pub(crate) turn_at: Ms,
    /// When somebody last did something to it by hand.
    pub(crate) touched_at: Ms,
    /// Since when it is known to be due and to wait for nobody.
    pub(crate) idle_since: Option<Ms>,
}

/// 24 months, in days.
pub(crate) const WHOLE: Ms = 730;

pub(crate) struct Course {
    pub(crate) end: Ms,
    pub(crate) flaw: Option<Flaw>,
    pub(crate) chance: Chance,
    pub(crate) time: Time,
    pub(crate) log: Log,
    pub(crate) queue: BinaryHeap<Reverse<(Ms, u64, Happening)>>,
    pub(crate) queued: u64,
    /// The store's clock.
    pub(crate) host: Arc<WrongClock>,
    /// How far each clock may be off: the policy's ε bounds by how much two of them disagree.
    pub(crate) off: Ms,
    pub(crate) epsilon: Ms,
    pub(crate) leeway: Ms,
    /// Which nodes looked at the clock just before it jumped, while it is wrong.
    pub(crate) jumped: Option<Vec<usize>>,
    pub(crate) eyes: SqliteStore,
    pub(crate) revision: Revision,
    pub(crate) audited: u64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) rings: Vec<Known>,
    pub(crate) consumers: Vec<Consumer>,
    pub(crate) processes: Vec<Process>,
    pub(crate) judge: Judge,
    pub(crate) sets: BTreeMap<String, Arc<Fetched>>,
    /// When a ring may last have changed.
    pub(crate) settled_at: Ms,
    pub(crate) trouble_until: Ms,
    pub(crate) figures: Figures,
    // Dropped last: the stores in it are closed by then.
    pub(crate) dir: tempfile::TempDir,
}

/// Runs a seed for some days.
///
/// # Errors
/// The first promise that is broken.
pub(crate) fn run(seed: u64, days: Ms, flaw: Option<Flaw>) -> Result<Figures, Box<Failure>> {
    let mut course = Course::new(seed, days * DAY, flaw);
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
    fn new(seed: u64, end: Ms, flaw: Option<Flaw>) -> Self {
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
            rings.push(Known { name, ring, turn_at: 0, touched_at: 0, idle_since: None });
        }
        Self {
            end,
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
            if at >= self.end {
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
        // Each ring, once in a period of 90 days at the most.
        let least = u64::try_from(2 * (self.end / (100 * DAY))).expect("a few");
        if figures.switches < least {
            return Err(format!("only {} switches", figures.switches));
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

    pub(crate) fn note(&mut self, what: std::fmt::Arguments<'_>) {
        self.log.note(self.time.now(), what);
    }

    pub(crate) fn happen(&mut self, at: Ms, happening: Happening) -> Result<(), Broken> {
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
                self.command(ring, &change(&patch))?;
                if millis(self.rings[ring].ring.policy().spec().rotate_every) < 20 * DAY {
                    // It did not come through, and nobody leaves a ring so for years.
                    self.after((HOUR, 2 * HOUR), Happening::Slow(ring));
                }
                Ok(())
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
            Happening::LookAgain => self.look(),
        }
    }

    /// Brings everybody to where they are just before something may change.
    pub(crate) fn settle(&mut self) -> Result<(), Broken> {
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

pub(crate) fn millis(span: Span) -> Ms {
    Ms::try_from(span.as_millis()).expect("a span of a few years")
}

pub(crate) fn text(error: Error) -> Broken {
    format!("{}: {error}", error.code())
}
