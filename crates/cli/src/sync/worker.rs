//! What a server does about copies by itself: rounds that are due, many at once, each kind at its pace.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keytide_ring::{Error, KeptTarget};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use super::pace::Pace;
use super::{Copier, How, Unmade};

/// The thread that keeps copies; it ends when this is dropped, without waiting for what is under way.
pub(crate) struct Worker {
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

/// How often is looked for what is due, if no ring changes.
const TICK: Duration = Duration::from_secs(1);
/// Looking takes at most this share of the time, however many targets there are.
const REST_PER_LOOK: u32 = 10;
/// How many rounds are under way at once.
const AT_ONCE: usize = 64;

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn start(copier: Arc<Copier>) -> std::io::Result<Self> {
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("keytide-sync".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.notified() => {}
                    () = work(&copier) => {}
                }
            });
            // A look-up of a name may hang in a thread that cannot be stopped.
            runtime.shutdown_background();
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            let _it_ends_with_the_process = thread.join();
        }
    }
}

async fn work(copier: &Arc<Copier>) {
    let changed = Arc::new(Notify::new());
    let hook = Arc::clone(&changed);
    copier.keeper.on_change(move |_, _| hook.notify_one());
    let mut queue = Queue::default();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut rounds = JoinSet::new();
    let mut looks_again = Instant::now();
    loop {
        let began = Instant::now();
        if looks_again <= began {
            if let Err(error) = queue.look(copier) {
                tracing::warn!(code = error.code(), "targets could not be read: {error}");
            }
            looks_again = Instant::now() + began.elapsed() * REST_PER_LOOK;
        }
        let free = places.available_permits();
        match copier.store().now().map(|now| queue.take(now, free)) {
            Ok(begun) => {
                for target in begun {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
                    let copier = Arc::clone(copier);
                    rounds.spawn(async move {
                        let _place = place;
                        make(&copier, target).await;
                    });
                }
            }
            Err(error) => {
                tracing::warn!(code = error.code(), "the store's clock cannot be read: {error}");
            }
        }
        tokio::select! {
            () = changed.notified() => {}
            () = tokio::time::sleep(TICK) => {}
            // A place is free, and more may be due than there were places for.
            Some(_) = rounds.join_next() => {}
        }
        while rounds.try_join_next().is_some() {}
    }
}

/// What a look found due, until its turn comes. A look at thousands of targets takes longer than their
/// places let pass before the next rounds may begin, so rounds go on between looks: one that is not due
/// any more is another's by then, and is not made.
#[derive(Default)]
pub(super) struct Queue {
    due: VecDeque<KeptTarget>,
    pace: Pace,
}

impl Queue {
    /// Looks for what is due.
    pub(super) fn look(&mut self, copier: &Copier) -> Result<(), Error> {
        self.due = copier.due(copier.store().now()?)?.into();
        Ok(())
    }

    /// What may begin now: as many as there are places for, and each kind at its pace.
    pub(super) fn take(&mut self, now: Timestamp, places: usize) -> Vec<KeptTarget> {
        let mut begun = Vec::new();
        let mut held = VecDeque::new();
        while let Some(target) = self.due.pop_front() {
            let kind = target.shown.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
            if begun.len() < places && self.pace.permits(kind, now) {
                begun.push(target);
            } else {
                held.push_back(target);
            }
            if begun.len() == places {
                break;
            }
        }
        held.append(&mut self.due);
        self.due = held;
        begun
    }
}

async fn make(copier: &Copier, target: KeptTarget) {
    let (ring, name) = (target.ring.clone(), target.name.clone());
    match copier.round(target, How::BySelf).await {
        Ok(_) | Err(Unmade::ByAnother) => {}
        Err(Unmade::Refused(error)) => {
            tracing::warn!(%ring, target = %name, code = error.code(), "{error}");
        }
    }
}
