//! A node: a keeper with a clock of its own over its own opening of the one store, which may crash, be cut off, or be slow to hear.

use std::path::Path;
use std::sync::Arc;

use keytide_ring::{Actor, Clock, Error, Keeper, KeeperConfig, RingStore};
use keytide_store::{OpenOptions, SqliteStore};

use crate::faults::Faulty;
use crate::world::{Entropy, Ms, SECOND, Time, WrongClock};

pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) clock: Arc<WrongClock>,
    process: Option<Process>,
    /// It does not hear from the store before this.
    pub(crate) deaf_until: Ms,
    /// When it last heard.
    pub(crate) heard_at: Ms,
    /// It cannot reach the store before this.
    pub(crate) cut_until: Ms,
    entropy: Entropy,
}

struct Process {
    store: Arc<Faulty>,
    keeper: Arc<Keeper>,
}

/// Opens the store of a directory, made if there is none. All who do so on one machine have one
/// wall clock, and so the store has one: that machine's. Nodes elsewhere, as with a database server,
/// have their own; here each node has one beside, which is the harder case.
pub(crate) fn open(dir: &Path, host: &Arc<WrongClock>, entropy: &Entropy) -> SqliteStore {
    let clock = Arc::clone(host) as Arc<dyn Clock>;
    let options = OpenOptions::new(clock, entropy.source()).create(true);
    SqliteStore::open(dir, options).expect("the store can be opened").store
}

impl Node {
    pub(crate) fn new(number: usize, time: &Time, entropy: Entropy) -> Self {
        Self {
            name: format!("node {number}"),
            clock: WrongClock::new(time.clone()),
            process: None,
            deaf_until: 0,
            heard_at: 0,
            cut_until: 0,
            entropy,
        }
    }

    /// Starts it, with nothing in memory.
    pub(crate) fn start(&mut self, dir: &Path, host: &Arc<WrongClock>, time: &Time) {
        let store = Faulty::new(open(dir, host, &self.entropy), time.clone());
        let keeper = Keeper::new(KeeperConfig {
            store: Arc::clone(&store) as Arc<dyn RingStore>,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            rng: self.entropy.source(),
        });
        (self.deaf_until, self.heard_at) = (0, time.now());
        self.process =
            Some(Process { store, keeper: Arc::new(keeper.expect("the store can be read")) });
        self.cut_now(time.now());
    }

    /// Ends it without a word.
    pub(crate) fn crash(&mut self) {
        self.process = None;
    }

    pub(crate) fn keeper(&self) -> Option<&Arc<Keeper>> {
        self.process.as_ref().map(|process| &process.keeper)
    }

    pub(crate) fn store(&self) -> Option<&Arc<Faulty>> {
        self.process.as_ref().map(|process| &process.store)
    }

    pub(crate) fn has_crashed(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.store.crashed())
    }

    /// Whether it can reach the store now.
    pub(crate) fn is_up(&self, now: Ms) -> bool {
        self.process.is_some() && now >= self.cut_until && !self.has_crashed()
    }

    /// Cuts it off, or lets it through, as is due.
    pub(crate) fn cut_now(&mut self, now: Ms) {
        if let Some(process) = &self.process {
            process.store.cut(now < self.cut_until);
        }
    }

    /// Refreshes as it would have done within the second before `now`, not before `earliest`. A node
    /// does so every second; only the last time before something happens makes a difference.
    /// True when it did.
    pub(crate) fn catch_up(&mut self, time: &Time, earliest: Ms, ago: Ms) -> bool {
        let now = time.now();
        let at = (now - ago).max(self.deaf_until).max(earliest).max(self.cut_until);
        self.cut_now(now);
        if at > now || !self.is_up(now) {
            return false;
        }
        let overdue = at >= self.heard_at + SECOND || self.deaf_until > self.heard_at;
        let Some(keeper) = self.keeper().filter(|_| overdue) else { return false };
        time.set(at);
        let heard = keeper.refresh().is_ok();
        time.set(now);
        if heard {
            self.heard_at = at;
        }
        heard
    }

    /// Has it do whatever is due, with what became of each ring.
    pub(crate) fn turn(&self) -> Result<Vec<String>, Error> {
        let keeper = self.keeper().expect("it is up");
        let turned = keeper.turn()?;
        Ok(turned
            .into_iter()
            .map(|turned| match turned.result {
                Ok(_) => format!("{} done", turned.ring),
                Err(error) => format!("{} {}", turned.ring, error.code()),
            })
            .collect())
    }
}

/// Who operates the rings.
pub(crate) fn operator() -> Actor {
    Actor::local("operator")
}
