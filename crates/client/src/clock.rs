//! Time and chance as arguments: who may tell them, and the system's own.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use keytide_jose::{Rng, SystemRng};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, since 1970-01-01T00:00:00Z. It may jump when somebody sets the host's clock.
    fn wall(&self) -> Duration;

    /// Time since an arbitrary origin; never goes back and never jumps.
    fn monotonic(&self) -> Duration;
}

/// The host's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock comes from")]
    fn wall(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the clock comes from")]
    fn monotonic(&self) -> Duration {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        let origin = *ORIGIN;
        Instant::now().saturating_duration_since(origin)
    }
}

/// Spreads what many processes would otherwise do at the same moment.
pub trait Chance: Send + Sync {
    /// A number from 0 up to, but not including, 1.
    fn fraction(&self) -> f64;
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        match SystemRng.fill(&mut bytes) {
            Ok(()) => f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
            // Spreading is a courtesy; nothing depends on it.
            Err(_) => 0.5,
        }
    }
}

/// A moment on both clocks. A machine that was suspended, or a frozen container, shows it on the wall
/// clock alone; a wall clock that was set back shows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    monotonic: Duration,
    wall: Duration,
}

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.wall() }
    }

    /// On the monotonic clock, in milliseconds.
    pub(crate) fn millis(self) -> u64 {
        u64::try_from(self.monotonic.as_millis()).unwrap_or(u64::MAX)
    }

    /// How much time passed since `earlier`: what the clock says that says more.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        monotonic.max(self.wall.saturating_sub(earlier.wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_time_counts() {
        let at = |monotonic, wall| Moment {
            monotonic: Duration::from_secs(monotonic),
            wall: Duration::from_secs(wall),
        };
        let before = at(10, 1_000);
        assert_eq!(at(20, 1_010).since(before), Duration::from_secs(10));
        // Suspended for an hour.
        assert_eq!(at(11, 4_600).since(before), Duration::from_secs(3_600));
        // Set back.
        assert_eq!(at(20, 0).since(before), Duration::from_secs(10));
    }

    #[test]
    fn chance_stays_below_one() {
        for _ in 0..1_000 {
            assert!((0.0..1.0).contains(&SystemChance.fraction()));
        }
    }
}
