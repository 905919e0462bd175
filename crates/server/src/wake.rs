//! Those who wait for a ring to change, and how they hear of it: no thread is held meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keytide_ring::{Keeper, RingName, Snapshot};
use tokio::sync::watch;

/// A ring as memory has it; none once it went.
pub(crate) type Latest = Option<Arc<Snapshot>>;

/// The rings that somebody waits for, and whether the server stops.
pub(crate) struct Wakes {
    rings: Mutex<HashMap<RingName, watch::Sender<Latest>>>,
    stopping: watch::Sender<bool>,
}

impl Wakes {
    /// Hears from `keeper` of every change, whichever node made it.
    pub(crate) fn of(keeper: &Keeper) -> Arc<Self> {
        let wakes = Arc::new(Self { rings: Mutex::default(), stopping: watch::Sender::new(false) });
        let heard = Arc::downgrade(&wakes);
        keeper.on_change(move |name, latest| {
            if let Some(wakes) = heard.upgrade() {
                wakes.tell(name, latest.map(Arc::clone));
            }
        });
        wakes
    }

    /// The ring as it stands in memory, and every change from then on.
    pub(crate) fn follow(&self, keeper: &Keeper, name: &RingName) -> watch::Receiver<Latest> {
        let mut rings = self.lock();
        // Read under the lock: a change meanwhile is told after it.
        let entry =
            rings.entry(name.clone()).or_insert_with(|| watch::Sender::new(keeper.loaded(name)));
        entry.subscribe()
    }

    /// Resolves once the server is about to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as this, so that waiting for it cannot fail.
        let _never = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Sends everybody who waits away.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn tell(&self, name: &RingName, latest: Latest) {
        let mut rings = self.lock();
        if let Some(entry) = rings.get(name) {
            entry.send_replace(latest);
            if entry.receiver_count() == 0 {
                rings.remove(name);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RingName, watch::Sender<Latest>>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
