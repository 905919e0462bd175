//! How a target stands, as the store keeps it: what it holds, since when, and when it is tried next.

use jiff::Timestamp;
use keytide_jose::Rng;
use keytide_ring::{Epoch, Span};
use serde::{Deserialize, Serialize};

use crate::{Common, Document, Error, Outcome, Round};

/// How often a target that is converged is read again, to see drift.
const LOOK_AGAIN: Span = Span::from_secs(300);
/// The bound of the first wait after a failure. Each further one doubles it.
const FIRST_WAIT: Span = Span::from_secs(2);
/// The bound of the longest wait after failures.
const LONGEST_WAIT: Span = Span::from_secs(900);
/// A place's word on when to come again is obeyed up to here.
const LONGEST_OBEYED: Span = Span::from_secs(24 * 3_600);
/// How many attempts are remembered.
const ATTEMPTS: usize = 20;

/// How many writes a place takes. A provider's quota, or what it charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many writes
    pub writes: u32,
    /// in so long a time.
    pub within: Span,
}

impl Pace {
    /// As many as there are to do.
    pub const UNBOUNDED: Self = Self { writes: u32::MAX, within: Span::ZERO };
}

/// How a target stands. A pure value: each round makes the next of it by [`Standing::after`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// What it was last seen to hold, exactly.
    pub converged: Option<Arrival>,
    /// The last attempts, newest first.
    pub attempts: Vec<Attempt>,
    /// How many attempts have failed since the last that did not.
    pub failures: u32,
    /// When it is tried next. At once, if there was no attempt yet.
    pub next_attempt: Option<Timestamp>,
    /// The last time that somebody's change was seen.
    pub drift: Option<DriftSeen>,
    /// Whether a write of ours has reached the place, so that what is found there is a copy that somebody
    /// changed and not a value of their own.
    pub is_ours: bool,
    /// When it was written to, newest first, as far back as its pace looks.
    pub writes: Vec<Timestamp>,
}

/// An epoch in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The epoch.
    pub epoch: Epoch,
    /// When it was first read back equal.
    pub since: Timestamp,
    /// When it was last seen there.
    pub seen: Timestamp,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// The epoch that was to arrive.
    pub epoch: Epoch,
    /// `converged`, `written`, `mended`, `drifted`, `behind`, or the code of an error.
    pub result: String,
    /// More about it, for people.
    pub detail: Option<String>,
}

/// A change by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftSeen {
    /// When.
    pub at: Timestamp,
    /// How it was seen.
    pub why: String,
    /// Whether it was written over.
    pub mended: bool,
}

impl Standing {
    /// How the target stands after a round for `epoch` that ended at `now`.
    ///
    /// # Errors
    /// The engine's, when the source of randomness fails.
    #[must_use = "the standing before is unchanged"]
    pub fn after(
        &self,
        outcome: &Outcome,
        epoch: Epoch,
        now: Timestamp,
        pace: Pace,
        rng: &mut dyn Rng,
    ) -> Result<Self, Error> {
        let mut next = self.clone();
        let (result, detail) = told(outcome);
        next.attempts.insert(0, Attempt { at: now, epoch, result: result.to_owned(), detail });
        next.attempts.truncate(ATTEMPTS);
        if outcome.has_written() && pace != Pace::UNBOUNDED {
            next.writes.insert(0, now);
        }
        next.is_ours |= outcome.has_written() || outcome.is_converged();
        next.writes.retain(|at| pace.within > Span::between(*at, now));
        if let Outcome::Drifted { why, mended } = outcome {
            next.drift = Some(DriftSeen { at: now, why: why.clone(), mended: *mended });
        }
        if outcome.is_converged() {
            let is_same = |before: &&Arrival| before.epoch == epoch && !is_drift(outcome);
            let since = self.converged.as_ref().filter(is_same).map_or(now, |before| before.since);
            next.converged = Some(Arrival { epoch, since, seen: now });
            next.failures = 0;
        } else if is_drift(outcome) {
            // What is there is somebody else's: no epoch of ours has arrived any more.
            next.converged = None;
            next.failures = 0;
        } else {
            next.failures = self.failures.saturating_add(1);
        }
        let wait = next.wait(outcome, rng)?;
        next.next_attempt = Some(wait.after(now));
        Ok(next)
    }

    /// The next round: what the settings and all that is known of the place allow.
    pub fn round<'a>(
        &self,
        document: &'a Document,
        settings: &Common,
        pace: Pace,
        now: Timestamp,
    ) -> Round<'a> {
        Round {
            document,
            drift: settings.drift,
            may_adopt: settings.adopt || self.is_ours,
            no_write_for: self.writes_again_in(pace, now),
        }
    }

    /// Whether it holds exactly the set of `epoch`, as far as is known.
    pub fn holds(&self, epoch: Epoch) -> bool {
        self.converged.is_some_and(|arrival| arrival.epoch == epoch)
    }

    /// Whether a round is due: its time has come, or another epoch is to arrive than the one that was
    /// last tried.
    pub fn is_due(&self, epoch: Epoch, now: Timestamp) -> bool {
        let is_other = self.attempts.first().is_none_or(|last| last.epoch != epoch);
        is_other || self.next_attempt.is_none_or(|at| at <= now)
    }

    /// How long it takes until another write keeps within the pace.
    pub fn writes_again_in(&self, pace: Pace, now: Timestamp) -> Span {
        let recent = self.writes.iter().filter(|at| pace.within > Span::between(**at, now));
        // With a full measure, the oldest that counts must have fallen out.
        let oldest = recent.take(pace.writes as usize).nth(pace.writes.saturating_sub(1) as usize);
        oldest.map_or(Span::ZERO, |at| Span::between(now, pace.within.after(*at)))
    }

    /// Exponential backoff with full jitter after a failure, and never before the place said.
    fn wait(&self, outcome: &Outcome, rng: &mut dyn Rng) -> Result<Span, Error> {
        let Some(doublings) = self.failures.checked_sub(1) else {
            // Between half the time and all of it: targets that were added together drift apart.
            let half = Span::from_millis(LOOK_AGAIN.as_millis() / 2);
            return Ok(half + up_to(half, rng)?);
        };
        let bound = match outcome {
            Outcome::Failed(error) if !error.is_transient() => LONGEST_WAIT,
            _ => doubled(doublings),
        };
        let told = match outcome {
            Outcome::Failed(Error::Throttled { retry_after: Some(after), .. }) => {
                let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                Span::from_millis(millis).min(LONGEST_OBEYED)
            }
            _ => Span::ZERO,
        };
        Ok(told + up_to(bound, rng)?)
    }
}

fn is_drift(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Drifted { .. })
}

fn told(outcome: &Outcome) -> (&'static str, Option<String>) {
    let drift = |why: &String| Some(why.clone());
    match outcome {
        Outcome::Converged => ("converged", None),
        Outcome::Written { over: None } => ("written", None),
        Outcome::Written { over: Some(over) } => ("written", Some(format!("over epoch {over}"))),
        Outcome::Drifted { why, mended: true } => ("mended", drift(why)),
        Outcome::Drifted { why, mended: false } => ("drifted", drift(why)),
        Outcome::Behind { found } => {
            let found = found.map_or("nothing".to_owned(), |epoch| format!("epoch {epoch}"));
            ("behind", Some(format!("it still shows {found}")))
        }
        Outcome::Failed(error) => (error.code(), Some(error.to_string())),
    }
}

fn doubled(times: u32) -> Span {
    let factor = 1_u64.checked_shl(times.min(32)).unwrap_or(u64::MAX);
    Span::from_millis(FIRST_WAIT.as_millis().saturating_mul(factor)).min(LONGEST_WAIT)
}

/// Evenly from nothing to `bound`. The remainder's unevenness is below 2⁻³⁰ for an hour.
fn up_to(bound: Span, rng: &mut dyn Rng) -> Result<Span, Error> {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes)?;
    Ok(Span::from_millis(u64::from_be_bytes(bytes) % bound.as_millis().saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keytide_jose::{Rng, SystemRng};
    use proptest::prelude::*;

    use super::*;

    /// Says the same each time.
    struct Always(u64);

    impl Rng for Always {
        fn fill(&mut self, out: &mut [u8]) -> keytide_jose::Result<()> {
            out.copy_from_slice(&self.0.to_be_bytes());
            Ok(())
        }
    }

    const EPOCH: Epoch = Epoch::new(7);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    fn down() -> Outcome {
        Outcome::Failed(Error::Unreachable { place: "here".into(), why: "no answer".into() })
    }

    fn throttled(secs: u64) -> Outcome {
        let retry_after = Some(Duration::from_secs(secs));
        Outcome::Failed(Error::Throttled { place: "here".into(), retry_after })
    }

    fn after(standing: &Standing, outcome: &Outcome, secs: i64, rng: &mut dyn Rng) -> Standing {
        standing.after(outcome, EPOCH, at(secs), Pace::UNBOUNDED, rng).unwrap()
    }

    fn waits(standing: &Standing, secs: i64) -> u64 {
        Span::between(at(secs), standing.next_attempt.unwrap()).as_millis()
    }

    #[test]
    fn each_failure_doubles_the_bound_of_the_wait_up_to_a_quarter_of_an_hour() {
        for (nth, bound) in
            [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900].into_iter().enumerate()
        {
            let before = Standing { failures: u32::try_from(nth).unwrap(), ..Standing::default() };
            // A multiple of the bound and one less, as the draw is taken modulo.
            let most = after(&before, &down(), 0, &mut Always(bound * 1_000));
            let least = after(&before, &down(), 0, &mut Always(0));
            assert_eq!((waits(&least, 0), waits(&most, 0)), (0, bound * 1_000), "{nth}");
        }
    }

    #[test]
    fn a_refusal_that_time_does_not_heal_is_asked_again_at_the_longest_bound() {
        let denied = Outcome::Failed(Error::Denied { place: "here".into(), why: "no".into() });
        let standing = after(&Standing::default(), &denied, 0, &mut Always(900_000));
        assert_eq!(waits(&standing, 0), 900_000);
        assert_eq!(standing.attempts[0].result, "target_denied");
    }

    #[test]
    fn a_place_that_says_when_to_come_again_is_not_asked_before_then() {
        let standing = after(&Standing::default(), &throttled(77), 0, &mut Always(0));
        assert_eq!(waits(&standing, 0), 77_000);
        let standing = after(&Standing::default(), &throttled(u64::MAX), 0, &mut Always(0));
        assert_eq!(waits(&standing, 0), LONGEST_OBEYED.as_millis());
    }

    #[test]
    fn an_epoch_has_arrived_since_it_was_first_read_back_and_until_drift_is_left() {
        let written = Outcome::Written { over: None };
        let standing = after(&Standing::default(), &written, 0, &mut SystemRng);
        assert!(standing.holds(EPOCH) && !standing.holds(Epoch::new(8)));
        let standing = after(&standing, &Outcome::Converged, 300, &mut SystemRng);
        let arrival = Arrival { epoch: EPOCH, since: at(0), seen: at(300) };
        assert_eq!(standing.converged, Some(arrival));
        let standing = after(&standing, &down(), 600, &mut SystemRng);
        assert_eq!((standing.converged, standing.failures), (Some(arrival), 1));
        let left = Outcome::Drifted { why: "edited".into(), mended: false };
        let standing = after(&standing, &left, 900, &mut SystemRng);
        assert_eq!((standing.converged, standing.failures), (None, 0));
        assert!(standing.is_ours, "what is there is a copy that was changed");
        assert_eq!(standing.drift.as_ref().unwrap().at, at(900));
        let mended = Outcome::Drifted { why: "edited".into(), mended: true };
        let standing = after(&standing, &mended, 950, &mut SystemRng);
        assert_eq!(
            standing.converged,
            Some(Arrival { epoch: EPOCH, since: at(950), seen: at(950) })
        );
    }

    #[test]
    fn a_place_is_ours_once_a_write_has_reached_it_and_not_before() {
        let standing = after(&Standing::default(), &down(), 0, &mut SystemRng);
        assert!(!standing.is_ours);
        let torn = Error::NotConverged { place: "here".into(), why: "torn".into() };
        assert!(after(&standing, &Outcome::Failed(torn), 0, &mut SystemRng).is_ours);
        assert!(after(&standing, &Outcome::Behind { found: None }, 0, &mut SystemRng).is_ours);
    }

    #[test]
    fn another_epoch_is_due_at_once_whatever_the_wait_for_the_last() {
        let standing = after(&Standing::default(), &down(), 0, &mut Always(1_999));
        assert!(!standing.is_due(EPOCH, at(1)) && standing.is_due(EPOCH, at(2)));
        assert!(standing.is_due(Epoch::new(8), at(0)));
        assert!(Standing::default().is_due(EPOCH, at(0)));
    }

    #[test]
    fn writes_keep_within_the_pace_and_may_come_together() {
        let pace = Pace { writes: 2, within: Span::from_secs(600) };
        let written = Outcome::Written { over: None };
        let mut standing = Standing::default();
        for secs in [0, 100] {
            assert_eq!(standing.writes_again_in(pace, at(secs)), Span::ZERO);
            standing = standing.after(&written, EPOCH, at(secs), pace, &mut SystemRng).unwrap();
        }
        assert_eq!(standing.writes_again_in(pace, at(100)), Span::from_secs(500));
        assert_eq!(standing.writes_again_in(pace, at(600)), Span::ZERO);
        standing =
            standing.after(&Outcome::Converged, EPOCH, at(650), pace, &mut SystemRng).unwrap();
        assert_eq!(standing.writes, [at(100)]);
    }

    #[test]
    fn a_standing_survives_json_and_one_of_before_is_read() {
        let standing = after(&Standing::default(), &throttled(5), 0, &mut SystemRng);
        let json = serde_json::to_string(&standing).unwrap();
        assert_eq!(serde_json::from_str::<Standing>(&json).unwrap(), standing);
        assert_eq!(serde_json::from_str::<Standing>("{}").unwrap(), Standing::default());
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_its_bound_and_no_history_grows(
            failures in any::<u32>(), draw in any::<u64>(), rounds in 0_usize..40,
        ) {
            let mut standing = Standing { failures, ..Standing::default() };
            for _ in 0..rounds {
                standing = after(&standing, &down(), 0, &mut Always(draw));
                prop_assert!(waits(&standing, 0) <= LONGEST_WAIT.as_millis());
            }
            prop_assert!(standing.attempts.len() <= ATTEMPTS);
        }
    }
}
