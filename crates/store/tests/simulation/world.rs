//! Time, chance and the record of a run: what makes it the same each time that its seed is given.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use keytide_jose::{Rng, digest};
use keytide_ring::Clock;

/// An instant or a length of true time, in milliseconds; instants since the beginning of a run.
pub(crate) type Ms = i64;

pub(crate) const SECOND: Ms = 1_000;
pub(crate) const MINUTE: Ms = 60 * SECOND;
pub(crate) const HOUR: Ms = 60 * MINUTE;
pub(crate) const DAY: Ms = 24 * HOUR;

/// 2026-01-01T00:00:00Z.
const START: Ms = 1_767_225_600_000;

/// The instant of a timestamp.
pub(crate) fn since_start(at: Timestamp) -> Ms {
    at.as_millisecond() - START
}

/// An instant in seconds since 1970 (RFC 7519 §2, NumericDate), rounded down.
pub(crate) fn epoch_second(at: Ms) -> i64 {
    (START + at).div_euclid(SECOND)
}

/// Chance that depends on its seed alone (SplitMix64). Nothing here guards a secret.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: Ms, high: Ms) -> Ms {
        let width = u64::try_from(high - low + 1).expect("a range is not empty");
        low + i64::try_from(self.next() % width).expect("a width is small")
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.next() % (len as u64)).expect("an index is small")
    }

    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.index(of.len())]
    }

    /// Another source, that goes its own way.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A clock's error within ±`bound`: every other time as wrong as may be.
    pub(crate) fn error(&mut self, bound: Ms) -> Ms {
        match self.index(4) {
            0 => -bound,
            1 => bound,
            _ => self.between(-bound, bound),
        }
    }
}

/// Chance where the keeper and the store take randomness: keys, names and nonces.
#[derive(Clone)]
pub(crate) struct Entropy(Arc<Mutex<Chance>>);

impl Entropy {
    pub(crate) fn new(chance: Chance) -> Self {
        Self(Arc::new(Mutex::new(chance)))
    }

    pub(crate) fn source(&self) -> Box<dyn Fn() -> Box<dyn Rng> + Send + Sync> {
        let own = self.clone();
        Box::new(move || Box::new(own.clone()))
    }
}

impl Rng for Entropy {
    fn fill(&mut self, out: &mut [u8]) -> keytide_jose::Result<()> {
        let mut chance = self.0.lock().unwrap();
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&chance.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// True time, which only the simulation knows.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn now(&self) -> Ms {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, now: Ms) {
        self.0.store(now, Ordering::Relaxed);
    }
}

/// A clock that is off by something that changes; its monotonic reading is true.
pub(crate) struct WrongClock {
    time: Time,
    error: AtomicI64,
}

impl WrongClock {
    pub(crate) fn new(time: Time) -> Arc<Self> {
        Arc::new(Self { time, error: AtomicI64::new(0) })
    }

    pub(crate) fn error(&self) -> Ms {
        self.error.load(Ordering::Relaxed)
    }

    pub(crate) fn set_error(&self, error: Ms) {
        self.error.store(error, Ordering::Relaxed);
    }
}

impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        let shown = START + self.time.now() + self.error();
        Timestamp::from_millisecond(shown).expect("a run stays within the calendar")
    }

    fn monotonic(&self) -> Duration {
        // Not zero at the start: a node may have been up for a while.
        Duration::from_millis(u64::try_from(self.time.now() + DAY).expect("time is positive"))
    }
}

/// What happened: a digest over all of it, and the last lines in full.
pub(crate) struct Log {
    lines: VecDeque<String>,
    digest: [u8; 32],
    length: u64,
}

const KEPT_LINES: usize = 50;

impl Log {
    pub(crate) fn new() -> Self {
        Self { lines: VecDeque::new(), digest: [0; 32], length: 0 }
    }

    pub(crate) fn note(&mut self, at: Ms, what: fmt::Arguments<'_>) {
        let (days, rest) = (at / DAY, at % DAY);
        let line = format!(
            "day {days:3} {:02}:{:02}:{:02}.{:03} {what}",
            rest / HOUR,
            rest / MINUTE % 60,
            rest / SECOND % 60,
            rest % SECOND
        );
        let mut chained = self.digest.to_vec();
        chained.extend_from_slice(line.as_bytes());
        self.digest = digest::sha256(&chained);
        self.length += 1;
        if self.lines.len() == KEPT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn digest(&self) -> String {
        self.digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn tail(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}
