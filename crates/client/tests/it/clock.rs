//! A clock that the test turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keytide_client::{Clock, Options};

/// Both clocks, in milliseconds since they began.
#[derive(Default)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Duration {
        Duration::from_secs(1_800_000_000) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Options without a thread, on a clock that the test turns.
pub(crate) fn by_hand() -> (Arc<ManualClock>, Options) {
    let clock = Arc::new(ManualClock::default());
    let mut options = Options::default();
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    options.background = false;
    (clock, options)
}
