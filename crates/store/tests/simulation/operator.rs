//! What operators do to a ring, drawn by chance among what is possible as it stands.

use keytide_ring::{Command, Key, When};
use serde_json::json;

use crate::course::{Course, change, millis};
use crate::world::{DAY, HOUR, Ms, SECOND};

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
