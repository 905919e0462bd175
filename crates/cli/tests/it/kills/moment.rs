//! When a process dies: drawn at random, from a seed, within the time that its work takes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// Numbers that look random and are the same each time.
pub(super) struct SplitMix(pub(super) u64);

impl SplitMix {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.next() % all.len() as u64).unwrap()]
    }
}

/// When to kill.
pub(super) enum Moment {
    /// Not at all: to see how long it takes.
    Never,
    /// This long after the start of the process, wherever it is then.
    AfterStart(Duration),
    /// This long after it opened the store.
    AfterOpening(Duration),
}

/// How it went.
pub(super) struct Struck {
    /// Whether it was dead before its end.
    pub(super) killed: bool,
    /// How long it lived after it had opened the store.
    pub(super) open_for: Duration,
    /// Whether it left files that a process at work has: it died with the store open, or with a
    /// file of its own half made.
    pub(super) left_open: bool,
}

/// Waits for the moment and kills the process, if it did not end before.
pub(super) fn strike(child: &mut Child, store: &Path, moment: &Moment) -> Struck {
    let (start, before) = (Instant::now(), at_work(store));
    let is_at_work = || at_work(store).difference(&before).next().is_some();
    let mut opened = None;
    let ended: Option<ExitStatus> = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break Some(ended);
        }
        if opened.is_none() && is_at_work() {
            opened = Some(Instant::now());
        }
        let is_time = match moment {
            Moment::Never => false,
            Moment::AfterStart(after) => start.elapsed() >= *after,
            Moment::AfterOpening(after) => opened.is_some_and(|opened| opened.elapsed() >= *after),
        };
        if is_time {
            break None;
        }
        // Not to wait for anything: this is where in its run the process dies.
        sleep(GRAIN);
    };
    let open_for = opened.map(|opened| opened.elapsed()).unwrap_or_default();
    let _it_may_be_over = child.kill();
    let ended = ended.unwrap_or_else(|| child.wait().unwrap());
    Struck { killed: ended.code().is_none(), open_for, left_open: is_at_work() }
}

/// The files in the store's folder that a process at work has, and when each was last written.
fn at_work(store: &Path) -> BTreeSet<(&'static str, SystemTime)> {
    let files = ["keytide.db-wal", "keytide.db.new", "master.key.next", "master.key.new"];
    let written = |file| Some((file, store.join(file).metadata().ok()?.modified().ok()?));
    files.into_iter().filter_map(written).collect()
}

const GRAIN: Duration = Duration::from_micros(100);
