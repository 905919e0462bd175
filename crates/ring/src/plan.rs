//! What falls due in a ring, when, and what it waits for. Pure: a ring, what is known of its consumers and an
//! instant in, steps out.

use jiff::Timestamp;
use keytide_jose::KeyId;

use crate::evidence::{Evidence, Waiting};
use crate::ring::strictly_after;
use crate::{BindingTerm, Consumer, Error, Key, Ring, Role, Span, State};

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

/// A step, the instant from which on it may happen, and whom it waits for beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// From when on.
    pub at: Timestamp,
    /// What.
    pub step: Step,
    /// Those who have yet to acknowledge.
    pub waits_for: Vec<Waiting>,
}

/// When the published key may sign, and what that depends on (I1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    /// The first instant at which no timer stands against it.
    pub at: Timestamp,
    /// The term that contributes most to the wait.
    pub binding: BindingTerm,
    /// How long that term is.
    pub term: Span,
    /// The instant at which that term alone runs out.
    pub held_until: Timestamp,
    /// Those who have yet to acknowledge.
    pub waits_for: Vec<Waiting>,
}

/// How soon a ring that waits for somebody is looked at again, if nothing is heard and no lease ends:
/// whoever is heard has it looked at.
const NEXT_LOOK: Span = Span::from_secs(3_600);

/// Everything that time will bring to the ring as it stands, soonest first.
pub fn upcoming(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Vec<Due> {
    let safety = activation(ring, evidence, now);
    let at = scheduled(ring, safety.at);
    let mut dues = vec![Due { at, step: Step::Activate, waits_for: safety.waits_for }];
    for key in ring.past() {
        dues.extend(removal(ring, evidence, key, now));
        dues.extend(destruction(ring, evidence, key, now));
    }
    dues.sort_by_key(|due| due.at);
    dues
}

/// The steps that are due at `now`, soonest first.
pub fn due(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Vec<Step> {
    upcoming(ring, evidence, now)
        .into_iter()
        .filter(|due| due.at <= now && due.waits_for.is_empty())
        .map(|due| due.step)
        .collect()
}

/// When the ring next needs a turn: when a step falls due, or whoever it waits for may have gone.
pub fn next_due(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Timestamp {
    let look = |due: Due| match due.waits_for.iter().filter_map(|w| w.lease_until).min() {
        _ if due.at > now => due.at,
        None if due.waits_for.is_empty() => due.at,
        lease => lease.unwrap_or(Timestamp::MAX).min(NEXT_LOOK.after(now)).max(due.at),
    };
    upcoming(ring, evidence, now).into_iter().map(look).min().unwrap_or(Timestamp::MAX)
}

/// When the published key takes over by itself, given when that is safe.
fn scheduled(ring: &Ring, safe_at: Timestamp) -> Timestamp {
    match ring.memory.switch_wanted {
        Some(wanted) => safe_at.max(wanted),
        None => safe_at.max(ring.rotation_due_at()),
    }
}

/// I1: from when on the published key may sign, and whose word that needs beside.
///
/// A consumer that acknowledges is waited for however long that takes. One that a timer bounds is
/// waited for by the timer, or less when each of its live instances has acknowledged; never for less
/// than a consumer needs that nobody declared.
pub fn activation(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Safety {
    safety(ring, evidence, ring.standby(), now)
}

/// I1 for any key of the set.
fn safety(ring: &Ring, evidence: &Evidence, key: &Key, now: Timestamp) -> Safety {
    let policy = ring.policy();
    let counts = |consumer: &Consumer| {
        !(consumer.tells() && evidence.proves(consumer.name(), key.published_in, now))
    };
    let slowest = policy.slowest_of(counts);
    let (mut binding, mut term) = policy.largest_term_of(slowest);
    let mut held_until = held_until(ring, key, &binding, slowest.0);
    let mut at = strictly_after(policy.lead_for(slowest.0), key.published_at);
    if let Some(former) = ring.memory.former {
        // Sets without this key were last served then, and some under the terms before.
        let served_until = former.until.min(key.published_at);
        let by_former = strictly_after(former.lead, served_until);
        if by_former > at {
            (at, held_until) = (by_former, former.lead.after(served_until));
            (binding, term) = (BindingTerm::FormerPolicy, former.lead);
        }
    }
    let needs = (key.published_in, key.published_at);
    let waits_for = evidence.lagging(policy, Role::Verifier, needs, now);
    Safety { at, binding, term, held_until, waits_for }
}

/// I1 and I4 as a guard: nothing when the published key may sign at `now`.
///
/// # Errors
/// `activation_too_early`, with the instant at which it will be safe and the term that binds;
/// `not_acknowledged`, with those who have yet to load the key.
pub fn check_activation(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Result<(), Error> {
    check_use(ring, evidence, ring.standby(), now)
}

/// The same for any key of the set.
pub(crate) fn check_use(
    ring: &Ring,
    evidence: &Evidence,
    key: &Key,
    now: Timestamp,
) -> Result<(), Error> {
    let Safety { at, binding, term, held_until, waits_for } = safety(ring, evidence, key, now);
    let kid = key.kid.clone();
    if now < at {
        let earliest_safe_at = at;
        return Err(Error::ActivationTooEarly { kid, earliest_safe_at, binding, term, held_until });
    }
    if waits_for.is_empty() { Ok(()) } else { Err(Error::NotAcknowledged { kid, waits_for }) }
}

/// I2: from when on a retiring key may leave the set. Whoever signs with keys of its own is waited
/// for until it has loaded a set in which this key does not sign.
fn removal(ring: &Ring, evidence: &Evidence, key: &Key, now: Timestamp) -> Option<Due> {
    let State::Retiring { deactivated_at, .. } = key.state else { return None };
    let mut at = ring.removable_at(key)?;
    if let Some(last) = evidence.last_signed(ring.policy(), key.since) {
        at = at.max(strictly_after(ring.afterlife_of(key), last));
    }
    let needs = (key.since, deactivated_at);
    let waits_for = evidence.lagging(ring.policy(), Role::Signer, needs, now);
    Some(Due { at, step: Step::Retire(key.kid.clone()), waits_for })
}

/// From when on a secret may be destroyed: after the rollback window, once nobody has it loaded.
fn destruction(ring: &Ring, evidence: &Evidence, key: &Key, now: Timestamp) -> Option<Due> {
    let at = ring.destroyable_at(key)?;
    let needs = (key.since, key.state.left_set_at()?);
    let mut waits_for = evidence.lagging(ring.policy(), Role::Verifier, needs, now);
    for signer in evidence.lagging(ring.policy(), Role::Signer, needs, now) {
        if !waits_for.contains(&signer) {
            waits_for.push(signer);
        }
    }
    Some(Due { at, step: Step::Destroy(key.kid.clone()), waits_for })
}

/// The instant until which the binding term can do harm. A consumer may fetch an older set
/// for as long as nodes may serve one, and hold it from then on.
fn held_until(ring: &Ring, key: &Key, binding: &BindingTerm, hold: Span) -> Timestamp {
    let policy = ring.policy();
    let after_publication: Span = match binding {
        BindingTerm::Consumer { .. } | BindingTerm::MaxAge => policy.spec().propagation + hold,
        BindingTerm::Propagation => policy.spec().propagation,
        BindingTerm::ClockError => policy.required_lead(),
        BindingTerm::Lead | BindingTerm::FormerPolicy => policy.lead_for(hold),
    };
    after_publication.after(key.published_at)
}
