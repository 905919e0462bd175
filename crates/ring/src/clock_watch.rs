//! Notices when the wall clock jumps, so that nothing irreversible happens by a time that may be wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Span;

/// Compares the wall clock with the monotonic one, look by look.
///
/// Both move alike as long as nobody sets the clock. When they part by more than the tolerance, the
/// schedule is held: a jump forward would otherwise activate a key before verifiers know it, and
/// destroy keys whose tokens still live. It is held until the clock is back where it should be, or
/// until as much time has really passed as the clock claims: whatever was waited for has then
/// happened by either clock.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch {
    trusted: Option<Look>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    wall: Timestamp,
    monotonic: Duration,
}

/// A clock that is slewed drifts by far less between two looks; what is more than this would shorten
/// a lead or an overlap that has no room for it.
const TOLERANCE: Span = Span::from_secs(1);

impl ClockWatch {
    /// Looks at both clocks. Some, when the wall clock cannot be trusted: by how much it is off.
    pub(crate) fn look(&mut self, wall: Timestamp, monotonic: Duration) -> Option<SignedDuration> {
        let now = Look { wall, monotonic };
        let Some(trusted) = self.trusted else {
            self.trusted = Some(now);
            return None;
        };
        let passed = monotonic.saturating_sub(trusted.monotonic);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let claimed = wall.duration_since(trusted.wall);
        let off = claimed.saturating_sub(passed);
        let covered = passed >= off.abs();
        if off.abs() <= TOLERANCE.signed() || covered {
            self.trusted = Some(now);
            return None;
        }
        Some(off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: i64, monotonic: u64) -> (Timestamp, Duration) {
        (Timestamp::from_second(1_767_225_600 + wall).unwrap(), Duration::from_secs(monotonic))
    }

    fn look(watch: &mut ClockWatch, wall: i64, monotonic: u64) -> Option<i64> {
        let (wall, monotonic) = at(wall, monotonic);
        watch.look(wall, monotonic).map(|off| off.as_secs())
    }

    #[test]
    fn clocks_that_move_alike_or_drift_slowly_are_trusted() {
        let mut watch = ClockWatch::default();
        for second in 0..100 {
            let drifted = i64::try_from(second).unwrap() * 60 + i64::try_from(second).unwrap();
            assert_eq!(look(&mut watch, drifted, second * 60), None);
        }
    }

    #[test]
    fn a_jump_is_noticed_until_the_clock_is_back() {
        for jump in [3_600, -3_600, 315_360_000] {
            let mut watch = ClockWatch::default();
            assert_eq!(look(&mut watch, 0, 0), None);
            assert_eq!(look(&mut watch, jump + 1, 1), Some(jump));
            assert_eq!(look(&mut watch, jump + 60, 60), Some(jump));
            assert_eq!(look(&mut watch, 61, 61), None);
        }
    }

    #[test]
    fn a_jump_is_believed_once_as_much_time_has_really_passed() {
        let mut watch = ClockWatch::default();
        look(&mut watch, 0, 0);
        assert_eq!(look(&mut watch, 3_600 + 3_599, 3_599), Some(3_600));
        assert_eq!(look(&mut watch, 3_600 + 3_600, 3_600), None);
        assert_eq!(look(&mut watch, 3_600 + 3_601, 3_601), None);
    }
}
