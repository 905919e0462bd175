//! What a ring will do next, when, why not now, and which term binds: as data and as sentences.

use jiff::Timestamp;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use crate::plan::{self, Step};
use crate::{Epoch, Key, Ring, RingName, Span};

/// Everything that can be said about a ring without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Which ring.
    pub ring: RingName,
    /// At which version.
    pub epoch: Epoch,
    /// As of when, by the store's clock.
    pub now: Timestamp,
    /// The algorithm of new keys.
    pub algorithm: Algorithm,
    /// Whether the published key may take over now.
    pub rotate: Readiness,
    /// What time will bring, soonest first.
    pub next: Vec<Upcoming>,
    /// The terms of the inequality and what they add up to.
    pub terms: Terms,
    /// Every key: active, published, then the past, newest first.
    pub keys: Vec<KeyLife>,
    /// The same in sentences.
    pub sentences: Vec<String>,
}

/// Whether a switch by hand would be permitted (I4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether it is safe now.
    pub safe: bool,
    /// From when on it is.
    pub earliest_safe_at: Timestamp,
    /// The term that contributes most to the wait.
    pub binding_term: String,
    /// What that term is, for people.
    pub binding: String,
}

/// A change that time will bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upcoming {
    /// `activate`, `retire` or `destroy`.
    pub step: String,
    /// The key that it befalls.
    pub kid: KeyId,
    /// When.
    pub at: Timestamp,
}

/// The terms in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// P.
    pub propagation: Span,
    /// C: the slowest consumer's hold.
    pub consumer_hold: Span,
    /// The consumer that sets C; none where it is the set's `max-age`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowest_consumer: Option<String>,
    /// ε.
    pub clock_error: Span,
    /// F.
    pub signer_lag: Span,
    /// L.
    pub token_ttl: Span,
    /// σ.
    pub leeway: Span,
    /// How long a key is published before it signs.
    pub lead: Span,
    /// How long it verifies after it stopped.
    pub overlap: Span,
    /// How long a key signs.
    pub rotate_every: Span,
    /// How long a retired key's secret is kept.
    pub rollback_window: Span,
    /// How long a revoked key may still be trusted.
    pub exposure: Span,
}

/// A key's life so far and, where it is known, to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyLife {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// When it will leave the set or has left it, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves_set_at: Option<Timestamp>,
}

impl Explanation {
    /// Explains `ring` as of `now`.
    pub fn of(ring: &Ring, now: Timestamp) -> Self {
        let policy = ring.policy();
        let spec = policy.spec();
        let (hold, slowest) = policy.slowest_consumer();
        let (binding, _) = policy.largest_lead_term();
        let earliest_safe_at = plan::earliest_activation(ring);
        let next = plan::upcoming(ring)
            .into_iter()
            .map(|due| {
                let (step, kid) = match due.step {
                    Step::Activate => ("activate", ring.standby().kid.clone()),
                    Step::Retire(kid) => ("retire", kid),
                    Step::Destroy(kid) => ("destroy", kid),
                };
                Upcoming { step: step.to_owned(), kid, at: due.at }
            })
            .collect();
        let mut explanation = Self {
            ring: ring.name().clone(),
            epoch: ring.epoch(),
            now,
            algorithm: policy.algorithm(),
            rotate: Readiness {
                safe: now >= earliest_safe_at,
                earliest_safe_at,
                binding_term: binding.as_str().to_owned(),
                binding: binding.describe(),
            },
            next,
            terms: Terms {
                propagation: spec.propagation,
                consumer_hold: hold,
                slowest_consumer: slowest.map(|consumer| consumer.name().to_owned()),
                clock_error: spec.clock_error,
                signer_lag: spec.signer_lag,
                token_ttl: spec.token_ttl,
                leeway: spec.leeway,
                lead: policy.lead(),
                overlap: policy.overlap(spec.token_ttl),
                rotate_every: spec.rotate_every,
                rollback_window: spec.rollback_window,
                exposure: policy.exposure(),
            },
            keys: ring.keys().map(|key| KeyLife::of(ring, key)).collect(),
            sentences: Vec::new(),
        };
        explanation.sentences = explanation.tell(ring);
        explanation
    }

    fn tell(&self, ring: &Ring) -> Vec<String> {
        let Terms { lead, propagation, consumer_hold, clock_error, .. } = &self.terms;
        let since = ring.active().state.activated_at().unwrap_or(ring.active().published_at);
        let mut said = vec![format!(
            "Key {} has signed since {}; key {} has been published since {} to follow it.",
            ring.active().kid,
            whole(since),
            ring.standby().kid,
            whole(ring.standby().published_at),
        )];
        let why = format!(
            "a key is published for more than {lead} before it signs (propagation {propagation} + \
             slowest consumer {consumer_hold} + twice the clock error {clock_error}; \
             {} weighs most)",
            self.rotate.binding,
        );
        said.push(if self.rotate.safe {
            format!(
                "It is safe to rotate now, and has been since {}: {why}.",
                second(self.rotate.earliest_safe_at)
            )
        } else {
            format!(
                "It is not safe to rotate before {}: {why}.",
                second(self.rotate.earliest_safe_at)
            )
        });
        for next in &self.next {
            said.push(match next.step.as_str() {
                "activate" => format!(
                    "At {} key {} begins to sign by itself, after {} of its predecessor.",
                    second(next.at),
                    next.kid,
                    self.terms.rotate_every
                ),
                "retire" => format!(
                    "At {} key {} leaves the set: {} after it stopped signing, nothing that it \
                     signed is valid any more.",
                    second(next.at),
                    next.kid,
                    ring.key(&next.kid).map_or(self.terms.overlap, |key| {
                        ring.policy().overlap(key.longest_ttl)
                    }),
                ),
                _ => format!("At {} the secret of key {} is destroyed.", second(next.at), next.kid),
            });
        }
        said
    }
}

impl KeyLife {
    /// The life of one of the ring's keys.
    pub(crate) fn of(ring: &Ring, key: &Key) -> Self {
        let leaves_set_at = key.state.left_set_at().or_else(|| ring.removable_at(key));
        Self { key: key.clone(), leaves_set_at }
    }
}

/// The second in which something happened.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// An instant to the second above, so that what is said to be safe by then is.
fn second(at: Timestamp) -> Timestamp {
    let whole = if at.subsec_nanosecond() > 0 { at.as_second() + 1 } else { at.as_second() };
    Timestamp::from_second(whole).unwrap_or(at)
}
