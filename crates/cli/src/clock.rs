//! The system's clock: the one place where the time is read.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use keytide_ring::Clock;

/// The wall clock, and the time since this was made.
pub(crate) struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}
