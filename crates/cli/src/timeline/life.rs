//! A key's life as phases in time, those to come included as far as they are planned.

use jiff::Timestamp;
use keytide_ring::explain::{Explanation, KeyLife, Upcoming};
use keytide_ring::{Span, State};
use serde::Serialize;

/// What a key does in a stretch of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Doing {
    Published,
    Active,
    Retiring,
    Retired,
    Revoked,
}

/// A stretch of a key's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Phase {
    pub(crate) doing: Doing,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// The phases of a key in their order; empty ones are left out.
pub(crate) fn phases(life: &KeyLife, explanation: &Explanation) -> Vec<Phase> {
    let terms = &explanation.terms;
    let published_at = life.key.published_at;
    let switch = next_switch(explanation);
    let mut phases = Vec::new();
    let mut add = |doing, from: Timestamp, to: Timestamp| {
        if from < to {
            phases.push(Phase { doing, from, to });
        }
    };
    match life.key.state {
        State::Published => {
            add(Doing::Published, published_at, switch);
            add(Doing::Active, switch, terms.rotate_every.after(switch));
        }
        State::Active { activated_at } => {
            add(Doing::Published, published_at, activated_at);
            add(Doing::Active, activated_at, switch);
            add(Doing::Retiring, switch, terms.overlap.after(switch));
        }
        State::Retiring { activated_at, deactivated_at } => {
            let retires = |next: &&Upcoming| next.step == "retire" && next.kid == life.key.kid;
            let step = explanation.next.iter().find(retires);
            let leaves = match step {
                Some(step) => expected_at(step, explanation.now),
                None => life.leaves_set_at.unwrap_or(deactivated_at),
            };
            add(Doing::Published, published_at, activated_at);
            add(Doing::Active, activated_at, deactivated_at);
            add(Doing::Retiring, deactivated_at, leaves);
            add(Doing::Retired, leaves, terms.rollback_window.after(leaves));
        }
        State::Retired { activated_at, deactivated_at, removed_at } => {
            add(Doing::Published, published_at, activated_at);
            add(Doing::Active, activated_at, deactivated_at);
            add(Doing::Retiring, deactivated_at, removed_at);
            add(Doing::Retired, removed_at, terms.rollback_window.after(removed_at));
        }
        State::Destroyed { removed_at, destroyed_at, activated_at, deactivated_at } => {
            let activated_at = activated_at.unwrap_or(removed_at);
            let deactivated_at = deactivated_at.unwrap_or(removed_at);
            add(Doing::Published, published_at, activated_at);
            add(Doing::Active, activated_at, deactivated_at);
            add(Doing::Retiring, deactivated_at, removed_at);
            add(Doing::Retired, removed_at, destroyed_at);
        }
        State::Revoked { revoked_at, exposed_until, activated_at, deactivated_at, .. } => {
            let activated_at = activated_at.unwrap_or(revoked_at);
            let deactivated_at = deactivated_at.unwrap_or(revoked_at);
            add(Doing::Published, published_at, activated_at);
            add(Doing::Active, activated_at, deactivated_at);
            add(Doing::Retiring, deactivated_at, revoked_at);
            add(
                Doing::Revoked,
                revoked_at,
                exposed_until.max(Span::from_millis(1).after(revoked_at)),
            );
        }
    }
    phases
}

/// When the published key takes over by itself.
pub(crate) fn next_switch(explanation: &Explanation) -> Timestamp {
    let switch = explanation.next.iter().find(|next| next.step == "activate");
    switch.map_or(explanation.now, |next| expected_at(next, explanation.now))
}

/// When a step is to be expected: not before now, nor before the leases end of those whom it waits
/// for. Whoever has no lease may be waited for longer than that.
pub(crate) fn expected_at(step: &Upcoming, now: Timestamp) -> Timestamp {
    let leases = step.waits_for.iter().filter_map(|waiting| waiting.lease_until);
    leases.fold(step.at.max(now), Timestamp::max)
}
