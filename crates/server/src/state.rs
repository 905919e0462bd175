//! What every handler shares: the keeper, the clock, and who may come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use std::time::Duration;

use axum::http::StatusCode;
use keytide_ring::{Clock, Keeper, RingName, Snapshot};
use tokio::sync::Semaphore;

use crate::auth::AccessCache;
use crate::codes;
use crate::config::Config;
use crate::copies::Copies;
use crate::problem::Problem;
use crate::telemetry::Metrics;
use crate::wake::Wakes;

/// How many requests look for a ring in the store at once.
const MOST_LOOKING: usize = 8;
/// How long a request waits for its turn to look.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How many requests about targets wait at once; each keeps a thread.
const MOST_WITH_TARGETS: usize = 16;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct State(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access: AccessCache,
    pub(crate) metrics: Metrics,
    pub(crate) wakes: Arc<Wakes>,
    pub(crate) config: Config,
    pub(crate) origin: String,
    pub(crate) copies: Option<Arc<dyn Copies>>,
    looking: Semaphore,
    /// How many may wait for targets at once.
    pub(crate) with_targets: Semaphore,
    draining: AtomicBool,
    closing: AtomicBool,
}

impl std::ops::Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl State {
    pub(crate) fn new(
        keeper: Arc<Keeper>,
        clock: Arc<dyn Clock>,
        config: Config,
        origin: String,
        copies: Option<Arc<dyn Copies>>,
    ) -> Self {
        let wakes = Wakes::of(&keeper);
        Self(Arc::new(Shared {
            keeper,
            clock,
            access: AccessCache::default(),
            metrics: Metrics::default(),
            wakes,
            config,
            origin,
            copies,
            looking: Semaphore::new(MOST_LOOKING),
            with_targets: Semaphore::new(MOST_WITH_TARGETS),
            draining: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }))
    }

    /// Runs something that may touch the store, off the threads that serve connections.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keeper) -> T + Send + 'static,
    ) -> T {
        let keeper = Arc::clone(&self.keeper);
        match tokio::task::spawn_blocking(move || work(&keeper)).await {
            Ok(done) => done,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// The ring from memory, or from the store the first time. Only so many look into the store at
    /// once: anybody may ask for rings that do not exist.
    pub(crate) async fn ring(&self, name: &RingName) -> Result<Arc<Snapshot>, Problem> {
        if let Some(snapshot) = self.keeper.loaded(name) {
            return Ok(snapshot);
        }
        let place = tokio::time::timeout(LONGEST_WAIT, self.looking.acquire()).await;
        let Ok(Ok(_place)) = place else {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                codes::OVERLOADED,
                "too many rings are asked for that are not in memory",
            ));
        };
        let name = name.clone();
        Ok(self.blocking(move |keeper| keeper.snapshot(&name)).await?)
    }

    /// Whether the server is about to stop and wants no new callers.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.wakes.stop();
    }

    /// Whether the door is shut and every answer ends its connection.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    pub(crate) fn start_closing(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}
