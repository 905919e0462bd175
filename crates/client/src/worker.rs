//! The thread in the background: refreshes ahead of the end, waits at a ring's server, acknowledges.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::upkeep::{Reason, Task, Upkeep};

/// Starts the thread if there is none and there should be one. Where the system gives none, whoever
/// uses the set does its work.
pub(crate) fn ensure(upkeep: &Arc<Upkeep>) {
    if !upkeep.wants_worker() {
        return;
    }
    let worker = Worker(Arc::clone(upkeep));
    let builder = thread::Builder::new().name("keytide-client".to_owned());
    // Dropped when it cannot be started, it says that there is none.
    let _detached = builder.spawn(move || worker.run());
}

struct Worker(Arc<Upkeep>);

impl Worker {
    fn run(self) {
        let Self(upkeep) = &self;
        loop {
            match upkeep.next_task() {
                Task::Stop => return,
                Task::Rest(limit, seen) => upkeep.rest(limit, seen),
                Task::Acknowledge(epoch) => upkeep.acknowledge(epoch),
                Task::Fetch => {
                    // How it ended is in the state.
                    let _noted = upkeep.fetch(Reason::Ahead);
                }
                Task::Wait(known) => {
                    let began = upkeep.options.clock.monotonic();
                    upkeep.wait(&known);
                    // A server that is stopping answers at once, and would be asked without end.
                    let took = upkeep.options.clock.monotonic().saturating_sub(began);
                    upkeep.pause(SHORTEST_WAIT.saturating_sub(took));
                }
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.has_no_worker();
    }
}

/// Between two questions at a ring's server that were answered at once.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
