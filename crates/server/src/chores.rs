//! What a server does by itself: hears of changes, turns rings on time, tells webhooks, writes refusals down.
//!
//! Each has a thread of its own. However many requests wait for the store, hearing of a change does
//! not wait behind them: a node that cannot hear would fence itself.

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use keytide_ring::Error;

use crate::state::State;
use crate::telemetry::ResultLabels;
use crate::tell;

/// The chores of a running server; they end when they are told to stop, or dropped.
pub(crate) struct Chores {
    stops: Vec<Sender<()>>,
}

impl Chores {
    /// Starts all of them.
    pub(crate) fn start(state: &State) -> Self {
        let tick = state.config.tick;
        if let Err(error) = state.keeper.begin_to_listen() {
            tracing::warn!(code = error.code(), "the store's clock cannot be read: {error}");
        }
        let refresh = every(tick, "refresh", state.clone(), |state| {
            if let Err(error) = state.keeper.refresh() {
                tracing::warn!(code = error.code(), "the store was not heard from: {error}");
            }
        });
        let turn = every(tick, "turn", state.clone(), turn_rings);
        let record =
            every(tick, "record", state.clone(), |state| state.access.record_refusals(state));
        let sign = every(BETWEEN_SIGNED_HEADS, "sign", state.clone(), |state| {
            if let Err(error) = state.keeper.store().sign_audit_head() {
                tracing::warn!(code = error.code(), "the audit log was not signed: {error}");
            }
        });
        // The client waits for answers, so it is made on the thread that may wait.
        let client = OnceCell::new();
        let tell = every(tick, "tell", state.clone(), move |state| {
            if let Some(client) = client.get_or_init(tell::client) {
                tell::tell_webhooks(state, client);
            }
        });
        Self { stops: [refresh, turn, record, sign, tell].into_iter().flatten().collect() }
    }

    /// Lets each finish what it is doing, without waiting for it.
    pub(crate) fn stop(self) {
        drop(self.stops);
    }
}

/// How often the end of the audit log is signed, if it grew.
const BETWEEN_SIGNED_HEADS: Duration = Duration::from_secs(600);

/// Runs `chore` at once and then every `pause`, on a thread of its own, until the sender is dropped.
fn every(
    pause: Duration,
    name: &'static str,
    state: State,
    chore: impl Fn(&State) + Send + 'static,
) -> Option<Sender<()>> {
    let (stop, stopped) = channel::<()>();
    let started = thread::Builder::new().name(format!("keytide-{name}")).spawn(move || {
        loop {
            // A defect in one round must not end the rounds.
            if catch_unwind(AssertUnwindSafe(|| chore(&state))).is_err() {
                tracing::error!(chore = name, "a chore failed; it is tried again");
            }
            match stopped.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    if let Err(error) = started {
        tracing::error!(chore = name, "a thread could not be started: {error}");
        return None;
    }
    Some(stop)
}

fn turn_rings(state: &State) {
    let count = |result| state.metrics.turned.get_or_create(&ResultLabels { result }).inc();
    match state.keeper.turn() {
        Ok(turned) => {
            for turn in turned {
                let ring = &turn.ring;
                match turn.result {
                    Ok(outcome) => {
                        count("done");
                        let activated = outcome.activated.as_ref().map(ToString::to_string);
                        tracing::info!(%ring, activated, "a ring turned");
                    }
                    Err(error) => {
                        count("failed");
                        tracing::error!(%ring, code = error.code(), "a ring could not turn: {error}");
                    }
                }
            }
        }
        Err(error @ Error::ClockJumped { .. }) => {
            count("held");
            tracing::error!(code = error.code(), "{error}");
        }
        Err(error) => {
            count("failed");
            tracing::warn!(code = error.code(), "no ring could be turned: {error}");
        }
    }
}
