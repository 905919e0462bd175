//! What the store keeps of a target between two rounds: its standing, who is at it, and what its ring was told.

use jiff::Timestamp;
use keytide_ring::{Epoch, KeptTarget, Span};
use keytide_sync::{Outcome, Standing};
use serde::{Deserialize, Serialize};

/// A target's standing, and what goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// How the copy stands.
    #[serde(flatten)]
    pub(crate) standing: Standing,
    /// The newest epoch that the ring was told it holds.
    pub(crate) acknowledged: Option<Epoch>,
    /// Until when nobody else makes a round, because somebody does.
    pub(crate) under_way_until: Option<Timestamp>,
}

/// How long a round may take before another node begins one.
const ROUND: Span = Span::from_secs(60);

impl Remembered {
    /// What is remembered of a target; what cannot be read is as good as nothing.
    pub(crate) fn of(target: &KeptTarget) -> Self {
        serde_json::from_value(target.standing.clone()).unwrap_or_default()
    }

    /// Whether there is something to do at `now`: a round, or a word to the ring at `epoch`.
    pub(crate) fn is_due(
        &self,
        epoch: Epoch,
        hold: Span,
        check_every: Span,
        now: Timestamp,
    ) -> bool {
        let is_free = self.under_way_until.is_none_or(|until| until <= now);
        let old = self.standing.converged.filter(|arrival| check_every.after(arrival.seen) <= now);
        let is_old = old.is_some() && self.standing.failures == 0;
        let word = self.acknowledges(hold, now).is_some();
        is_free && (self.standing.is_due(epoch, now) || is_old || word)
    }

    /// The epoch that the ring is to be told of at `now`: read back, and longer ago than readers of
    /// the copy may go on with what they read before.
    pub(crate) fn acknowledges(&self, hold: Span, now: Timestamp) -> Option<Epoch> {
        let arrival = self.standing.converged.filter(|_| self.standing.failures == 0)?;
        let is_news = self.acknowledged != Some(arrival.epoch);
        (is_news && hold.after(arrival.since) <= now).then_some(arrival.epoch)
    }

    /// While a round is under way, for everybody else.
    #[must_use]
    pub(crate) fn attempting(&self, now: Timestamp) -> Self {
        Self { under_way_until: Some(ROUND.after(now)), ..self.clone() }
    }

    /// Whether a round for `epoch` wrote what was there already, as far as was known: somebody took the
    /// copy away, or put an older one back.
    pub(crate) fn was_lost(&self, outcome: &Outcome, epoch: Epoch) -> bool {
        matches!(outcome, Outcome::Written { .. }) && self.standing.holds(epoch)
    }
}

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;
    use keytide_sync::{Error, Pace};

    use super::*;

    const EPOCH: Epoch = Epoch::new(4);
    const HOLD: Span = Span::from_secs(60);
    const CHECK: Span = Span::from_secs(300);

    fn at(secs: u32) -> Timestamp {
        Span::from_secs(secs).after(Timestamp::UNIX_EPOCH)
    }

    fn after(before: &Remembered, outcome: &Outcome, now: Timestamp) -> Remembered {
        let standing = before.standing.after(outcome, EPOCH, now, Pace::UNBOUNDED, &mut SystemRng);
        Remembered { standing: standing.unwrap(), ..before.clone() }
    }

    #[test]
    fn the_ring_is_told_once_the_readers_of_the_copy_have_gone_on() {
        let written = after(&Remembered::default(), &Outcome::Written { over: None }, at(0));
        assert_eq!(written.acknowledges(HOLD, at(59)), None);
        assert_eq!(written.acknowledges(HOLD, at(60)), Some(EPOCH));
        let told = Remembered { acknowledged: Some(EPOCH), ..written.clone() };
        assert_eq!(told.acknowledges(HOLD, at(60)), None);
        let down = Outcome::Failed(Error::Unreachable { place: "p".into(), why: "w".into() });
        assert_eq!(after(&written, &down, at(60)).acknowledges(HOLD, at(60)), None);
        let left = Outcome::Drifted { why: "edited".into(), mended: false };
        assert_eq!(after(&written, &left, at(60)).acknowledges(HOLD, at(60)), None);
    }

    #[test]
    fn nobody_begins_a_round_while_one_is_under_way_unless_it_takes_too_long() {
        let new = Remembered::default();
        assert!(new.is_due(EPOCH, HOLD, CHECK, at(0)));
        let attempting = new.attempting(at(0));
        assert!(!attempting.is_due(EPOCH, HOLD, CHECK, at(59)));
        assert!(attempting.is_due(EPOCH, HOLD, CHECK, at(60)));
    }

    #[test]
    fn a_copy_that_is_well_is_read_again_as_often_as_was_asked() {
        let written = after(&Remembered::default(), &Outcome::Written { over: None }, at(0));
        let told = Remembered { acknowledged: Some(EPOCH), ..written };
        let often = Span::from_secs(10);
        assert!(!told.is_due(EPOCH, HOLD, often, at(9)));
        assert!(told.is_due(EPOCH, HOLD, often, at(10)));
        assert!(told.is_due(Epoch::new(5), HOLD, often, at(1)));
    }

    #[test]
    fn what_is_remembered_survives_json() {
        let written = after(&Remembered::default(), &Outcome::Written { over: None }, at(0));
        let all = Remembered { acknowledged: Some(EPOCH), ..written }.attempting(at(7));
        let json = serde_json::to_value(&all).unwrap();
        assert_eq!(serde_json::from_value::<Remembered>(json).unwrap(), all);
    }
}
