//! A process that is given a ring's keys, works with what it has loaded, and says so; or says nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use keytide_jose::KeyId;
use keytide_jose::key::{KeySet, SigningKey, VerifyingKey};
use keytide_ring::{CheckIn, Command, Delivered, Delivery, Epoch, Material};

use crate::course::{Course, Happening, millis};
use crate::judge::Broken;
use crate::world::{DAY, HOUR, MINUTE, Ms, SECOND};

/// How a process takes up a new set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It reloads while it runs, within minutes.
    Reloads,
    /// It is restarted some time after, and reads its environment then.
    Restarts,
    /// So it is, days later.
    Late,
    /// It says that it is there, and never what it has loaded: an operator restarts it and answers for it.
    Silent,
}

/// A declared consumer whose instances acknowledge.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) spec: &'static str,
    pub(crate) manner: Manner,
    /// The ring that it works with: the first is asymmetric, the second symmetric.
    pub(crate) ring: usize,
    pub(crate) lease: Ms,
    pub(crate) instances: usize,
}

/// For how long the one that reloads may use an old set, as its profile says.
const HOLD: Ms = 2 * HOUR;

pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "mesh",
        spec: r#"{"name":"mesh","profile":"aws-http-api","acknowledges":true,"lease":"8d"}"#,
        manner: Manner::Reloads,
        ring: 0,
        lease: 8 * DAY,
        instances: 1,
    },
    Kind {
        name: "api",
        spec: r#"{"name":"api","profile":"environment","lease":"6d"}"#,
        manner: Manner::Restarts,
        ring: 1,
        lease: 6 * DAY,
        instances: 2,
    },
    Kind {
        name: "batch",
        spec: r#"{"name":"batch","profile":"environment","lease":"12d"}"#,
        manner: Manner::Late,
        ring: 1,
        lease: 12 * DAY,
        instances: 1,
    },
    Kind {
        name: "legacy",
        spec: r#"{"name":"legacy","profile":"environment","lease":"20d"}"#,
        manner: Manner::Silent,
        ring: 1,
        lease: 20 * DAY,
        instances: 1,
    },
];

/// What a process works with.
pub(crate) struct Loaded {
    pub(crate) epoch: Epoch,
    /// The key that it signs with, where it has the secret.
    pub(crate) signer: Option<SigningKey>,
    pub(crate) active: KeyId,
    pub(crate) kids: BTreeSet<KeyId>,
    pub(crate) keys: KeySet,
    /// L as it is when it is loaded.
    pub(crate) ttl: Ms,
}

impl Loaded {
    pub(crate) fn of(delivery: &Delivery, ttl: Ms) -> Self {
        let all = [&delivery.active, &delivery.next].into_iter().chain(&delivery.previous);
        let keys: Vec<_> = all.map(verifying).collect();
        Self {
            epoch: delivery.epoch,
            signer: match &delivery.active.material {
                Material::Secret(secret) => Some(
                    SigningKey::from_secret(delivery.active.algorithm, secret.expose())
                        .expect("a delivered secret")
                        .with_key_id(delivery.active.kid.clone()),
                ),
                Material::Public(_) => None,
            },
            active: delivery.active.kid.clone(),
            kids: keys.iter().filter_map(|key| key.key_id().cloned()).collect(),
            keys: KeySet::new(keys),
            ttl,
        }
    }
}

fn verifying(delivered: &Delivered) -> VerifyingKey {
    let key = match &delivered.material {
        Material::Secret(secret) => VerifyingKey::from_secret(delivered.algorithm, secret.expose()),
        Material::Public(public) => VerifyingKey::from_jwk(public, Some(delivered.algorithm)),
    };
    key.expect("a delivered key").with_key_id(delivered.kid.clone())
}

/// What a process does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// It stops, to be started again.
    Stop,
    /// It starts, or reads anew: it asks for the set.
    Fetch,
    /// It works with what it was given.
    Load,
    /// It says what it works with, or an operator does.
    Acknowledge,
}

pub(crate) struct Process {
    pub(crate) kind: &'static Kind,
    pub(crate) number: usize,
    /// How often it was started under another name.
    renamed: usize,
    pub(crate) fetched: Option<Loaded>,
    pub(crate) loaded: Option<Loaded>,
    /// It works until then: its lease, by the monotonic clock, less what the store's clock may be ahead.
    pub(crate) works_until: Ms,
    /// What it does next, and when.
    pub(crate) next: Option<(Ms, Step)>,
    pub(crate) error: Ms,
    pub(crate) cut_until: Ms,
    pub(crate) running: bool,
}

impl Process {
    pub(crate) fn new(kind: &'static Kind, number: usize) -> Self {
        Self {
            kind,
            number,
            renamed: 0,
            fetched: None,
            loaded: None,
            works_until: 0,
            next: None,
            error: 0,
            cut_until: 0,
            running: true,
        }
    }

    /// Its name among the instances of its consumer.
    pub(crate) fn instance(&self) -> String {
        format!("{}-{}", self.number, self.renamed)
    }

    /// The name by which the judge calls it.
    pub(crate) fn who(&self) -> String {
        format!("{}/{}", self.kind.name, self.instance())
    }

    /// Started in another place, it has another name; the one before is not heard of again.
    pub(crate) fn rename(&mut self) {
        self.renamed += 1;
    }

    /// What it works with at `now`.
    pub(crate) fn working(&self, now: Ms) -> Option<&Loaded> {
        self.loaded.as_ref().filter(|_| self.running && now < self.works_until)
    }

    /// It cannot reach anybody. One that a timer bounds stops when what it has is too old.
    pub(crate) fn cut_off(&mut self, now: Ms, until: Ms) {
        self.cut_until = until;
        if self.kind.manner == Manner::Reloads {
            self.works_until = self.works_until.min(now + HOLD);
        }
    }

    /// What it says of itself.
    pub(crate) fn says(&self, loaded: bool) -> CheckIn {
        CheckIn {
            consumer: self.kind.name.to_owned(),
            instance: self.instance(),
            epoch: self.loaded.as_ref().filter(|_| loaded).map(|loaded| loaded.epoch),
        }
    }

    /// How long after a change it begins to take that up, at the least and at the most.
    pub(crate) fn delay(&self) -> (Ms, Ms) {
        match self.kind.manner {
            Manner::Reloads => (SECOND, 10 * MINUTE),
            Manner::Restarts => (MINUTE, 2 * DAY),
            Manner::Late => (DAY, 9 * DAY),
            Manner::Silent => (HOUR, 12 * DAY),
        }
    }
}

impl Course {
    pub(crate) fn step_in(&mut self, (low, high): (Ms, Ms), process: usize, step: Step) {
        let at = self.now() + self.chance.between(low, high);
        self.processes[process].next = Some((at, step));
        self.at(at, Happening::Process(process, step));
    }

    /// A process takes up a set that is not the one it works with, in its own time.
    pub(crate) fn plan_take_up(&mut self, number: usize) {
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

    pub(crate) fn step(&mut self, number: usize, step: Step) -> Result<(), Broken> {
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
    pub(crate) fn check_in(
        &mut self,
        number: usize,
        said: &CheckIn,
    ) -> Result<Option<Delivery>, Broken> {
        let Some(node) = self.some_node() else { return Ok(None) };
        let now = self.now();
        let name = self.rings[self.processes[number].kind.ring].name.clone();
        if said.epoch.is_some() && self.jumped.is_none() && self.chance.once_in(12) {
            self.arm(node);
        }
        let keeper = Arc::clone(self.nodes[node].keeper().expect("it is up"));
        let answer = keeper.check_in(&name, said, &keytide_ring::Actor::local("api"));
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

    pub(crate) fn renew(&mut self, number: usize) -> Result<(), Broken> {
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
}
