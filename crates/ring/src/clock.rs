//! Time as an argument: who may tell it, and a clock that tests turn by hand.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Nothing in this crate reads a clock of its own.
pub trait Clock: Send + Sync {
    /// The instant now, in UTC. It may jump when somebody sets the host's clock.
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary origin; never goes back and never jumps.
    fn monotonic(&self) -> Duration;
}

/// A clock that stands still until it is moved: for simulations and tests.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use keytide_ring::{Clock, ManualClock};
///
/// let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
/// clock.advance(SignedDuration::from_mins(5));
/// assert_eq!(clock.now(), "2026-01-01T00:05:00Z".parse::<Timestamp>().unwrap());
/// ```
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
    elapsed: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self { now: Mutex::new(start), elapsed: Mutex::new(Duration::ZERO) }
    }

    /// Lets `by` pass: both the wall clock and the monotonic one move.
    ///
    /// # Panics
    /// When `by` is negative, or leaves the range of [`Timestamp`].
    pub fn advance(&self, by: SignedDuration) {
        let step = Duration::try_from(by).expect("time passes forwards");
        *lock(&self.elapsed) += step;
        let mut now = lock(&self.now);
        *now = now.checked_add(by).expect("a test stays within the calendar");
    }

    /// Sets the wall clock, as an operator or NTP would; the monotonic clock does not move.
    pub fn set(&self, now: Timestamp) {
        *lock(&self.now) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.now)
    }

    fn monotonic(&self) -> Duration {
        *lock(&self.elapsed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
