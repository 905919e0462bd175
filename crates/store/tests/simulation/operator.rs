//! What operators do to a ring, drawn by chance among what is possible as it stands.

use std::sync::Arc;

use keytide_ring::{Changed, Command, Error, Key, When};
use serde_json::json;

use crate::consumer::Consumer;
use crate::course::{Course, Happening, change, millis};
use crate::judge::Broken;
use crate::node::operator;
use crate::world::{DAY, HOUR, MINUTE, Ms, SECOND};

/// What somebody does, and what goes with it.
pub(crate) struct Operator {
    pub(crate) command: Command,
    /// The consumer that is started or stopped along with it.
    pub(crate) consumer: Option<usize>,
    /// For how long a short period lasts.
    pub(crate) bout: Option<Ms>,
}

fn why() -> Option<String> {
    Some("drawn by chance".to_owned())
}

impl Course {
    pub(crate) fn operate(&mut self, ring: usize) -> Result<(), Broken> {
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
    pub(crate) fn command(&mut self, ring: usize, command: &Command) -> Result<(), Broken> {
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
        let told = |result: &Result<Changed, Error>| match result {
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

    /// Draws what is done to a ring; none where there is nothing to do it to.
    pub(crate) fn choose(&mut self, ring: usize) -> Option<Operator> {
        let activate = |when, reason| Command::Activate { kid: None, when, reason };
        let (mut consumer, mut bout) = (None, None);
        let command = match self.chance.index(18) {
            0..3 => activate(When::IfSafe, None),
            3..6 => activate(When::WhenSafe, None),
            6 => activate(When::Forced, why()),
            7 | 8 => Command::Rollback { reason: None },
            9 => self.revoke(ring, |key| key.state.name() == "active")?,
            10 => self.revoke(ring, |key| key.state.name() == "published")?,
            11 => self.revoke(ring, |key| matches!(key.state.name(), "retiring" | "retired"))?,
            12 => {
                let gone = |key: &&Key| !key.state.verifies() && key.state.has_secret();
                let known =
                    self.rings[ring].ring.past().iter().filter(gone).map(|key| key.kid.clone());
                let kids: Vec<_> = known.collect();
                let kid = kids.get(self.chance.index(kids.len().max(1)))?.clone();
                Command::Destroy { kid, reason: why() }
            }
            13 if ring == 0 => {
                let known = self.chance.index(self.consumers.len());
                consumer = Some(known);
                let kind = self.consumers[known].kind;
                match self.rings[ring].ring.policy().consumer(kind.name) {
                    Some(_) => Command::RemoveConsumer { name: kind.name.to_owned(), reason: None },
                    None => Command::AddConsumer { consumer: kind.spec() },
                }
            }
            14 => {
                let (every, lasts) = self.short_period(ring);
                bout = Some(lasts);
                change(&json!({ "rotate_every": format!("{every}ms") }))
            }
            _ => self.change_terms(ring),
        };
        Some(Operator { command, consumer, bout })
    }

    fn revoke(&mut self, ring: usize, which: impl Fn(&&Key) -> bool) -> Option<Command> {
        let kids: Vec<_> =
            self.rings[ring].ring.keys().filter(which).map(|key| key.kid.clone()).collect();
        let kid = kids.get(self.chance.index(kids.len().max(1)))?.clone();
        Some(Command::Revoke { kid, reason: why() })
    }

    /// A period of hours or days, down to the shortest that the policy permits, for some rounds.
    fn short_period(&mut self, ring: usize) -> (Ms, Ms) {
        let lead = millis(self.rings[ring].ring.policy().lead());
        let every = match self.chance.index(3) {
            0 => lead + SECOND,
            1 => lead + self.chance.between(HOUR, DAY),
            _ => lead + self.chance.between(DAY, 8 * DAY),
        };
        (every, every * self.chance.between(3, 9))
    }

    fn change_terms(&mut self, ring: usize) -> Command {
        let chance = &mut self.chance;
        let seconds = |n: &Ms| format!("{n}s");
        change(&match chance.index(6) {
            0 | 1 => json!({ "token_ttl": format!("{}m", chance.between(1, 360)) }),
            2 => json!({ "max_age": seconds(chance.pick(&[10, 60, 300, 900, 3_600])) }),
            3 => json!({ "propagation": seconds(chance.pick(&[2, 5, 30, 60, 120])) }),
            4 => json!({ "signer_lag": seconds(chance.pick(&[2, 10, 30, 60])) }),
            _ => {
                let algorithms = if ring == 0 { ["ES256", "EdDSA"] } else { ["HS256", "HS512"] };
                json!({ "algorithm": chance.pick(&algorithms) })
            }
        })
    }
}
