//! What falls due in a ring, when, and what it waits for. Pure: a ring and an instant in, steps out.

use jiff::Timestamp;
use keytide_jose::KeyId;

use crate::ring::strictly_after;
use crate::{BindingTerm, Error, Ring, Span};

/// A change that time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The published key begins to sign, the active one stops, and a new one is published.
    Activate,
    /// A retiring key leaves the set.
    Retire(KeyId),
    /// A retired or revoked key's secret is destroyed.
    Destroy(KeyId),
}

/// A step and the instant from which on it may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// From when on.
    pub at: Timestamp,
    /// What.
    pub step: Step,
}

/// Everything that time will bring to the ring as it stands, soonest first.
pub fn upcoming(ring: &Ring) -> Vec<Due> {
    let mut dues = vec![Due { at: scheduled_activation(ring), step: Step::Activate }];
    for key in ring.past() {
        if let Some(at) = ring.removable_at(key) {
            dues.push(Due { at, step: Step::Retire(key.kid.clone()) });
        } else if let Some(at) = ring.destroyable_at(key) {
            dues.push(Due { at, step: Step::Destroy(key.kid.clone()) });
        }
    }
    dues.sort_by_key(|due| due.at);
    dues
}

/// The steps that are due at `now`, soonest first.
pub fn due(ring: &Ring, now: Timestamp) -> Vec<Step> {
    upcoming(ring).into_iter().filter(|due| due.at <= now).map(|due| due.step).collect()
}

/// When the ring next needs a turn.
pub fn next_due(ring: &Ring) -> Timestamp {
    upcoming(ring).first().map_or(Timestamp::MAX, |due| due.at)
}

/// When the published key takes over by itself: at the end of the period, but never before it is safe.
pub fn scheduled_activation(ring: &Ring) -> Timestamp {
    ring.rotation_due_at().max(earliest_activation(ring))
}

/// I1: the first instant at which the published key may sign.
pub fn earliest_activation(ring: &Ring) -> Timestamp {
    strictly_after(ring.policy().lead(), ring.standby().published_at)
}

/// I1 as a guard: nothing when the published key may sign at `now`.
///
/// # Errors
/// `activation_too_early`, with the instant at which it will be safe and the term that binds.
pub fn check_activation(ring: &Ring, now: Timestamp) -> Result<(), Error> {
    let earliest_safe_at = earliest_activation(ring);
    if now >= earliest_safe_at {
        return Ok(());
    }
    let (binding, _) = ring.policy().largest_lead_term();
    Err(Error::ActivationTooEarly {
        kid: ring.standby().kid.clone(),
        earliest_safe_at,
        held_until: held_until(ring, &binding),
        binding,
    })
}

/// The instant until which the binding term can do harm. A consumer may fetch an older set
/// for as long as nodes may serve one, and hold it from then on.
fn held_until(ring: &Ring, binding: &BindingTerm) -> Timestamp {
    let policy = ring.policy();
    let (hold, _) = policy.slowest_consumer();
    let after_publication: Span = match binding {
        BindingTerm::Consumer { .. } | BindingTerm::MaxAge => policy.spec().propagation + hold,
        BindingTerm::Propagation => policy.spec().propagation,
        BindingTerm::ClockError => policy.required_lead(),
        BindingTerm::Lead => policy.lead(),
    };
    after_publication.after(ring.standby().published_at)
}
