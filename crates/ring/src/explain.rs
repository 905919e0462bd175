//! What a ring will do next, when, why not now, and which term binds: as data and as sentences.

use jiff::Timestamp;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use crate::plan::{self, Step};
use crate::{Epoch, Evidence, Instance, Key, Policy, Ring, RingName, Role, Span, Waiting};

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
    /// Who verifies or signs with the keys, and what is known of each.
    #[serde(default)]
    pub consumers: Vec<ConsumerView>,
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
    /// How long that term is.
    pub term: Span,
    /// Whose acknowledgement it needs beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Waiting>,
}

/// A consumer, and what is known of its instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerView {
    /// Its name.
    pub name: String,
    /// Whether the ring's policy declares it, or it only checked in.
    pub declared: bool,
    /// What it does with the keys.
    pub role: Role,
    /// For how long it may use an old set; none for one that acknowledges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// Its instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<InstanceView>,
}

/// An instance of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceView {
    /// Its name.
    pub instance: String,
    /// Whether its lease runs.
    pub live: bool,
    /// Until when it runs or when it ended.
    pub lease_until: Timestamp,
    /// The epoch that it works with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether an operator said so in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
}

/// A change that time will bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upcoming {
    /// `activate`, `retire` or `destroy`.
    pub step: String,
    /// The key that it befalls.
    pub kid: KeyId,
    /// When, or as soon after as those have acknowledged that it waits for.
    pub at: Timestamp,
    /// Whose acknowledgement it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Waiting>,
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
    pub fn of(ring: &Ring, evidence: &Evidence, now: Timestamp) -> Self {
        let policy = ring.policy();
        let spec = policy.spec();
        let (hold, slowest) = policy.slowest_consumer();
        let safety = plan::activation(ring, evidence, now);
        let next = plan::upcoming(ring, evidence, now)
            .into_iter()
            .map(|due| {
                let (step, kid) = match due.step {
                    Step::Activate => ("activate", ring.standby().kid.clone()),
                    Step::Retire(kid) => ("retire", kid),
                    Step::Destroy(kid) => ("destroy", kid),
                };
                Upcoming { step: step.to_owned(), kid, at: due.at, waits_for: due.waits_for }
            })
            .collect();
        let mut explanation = Self {
            ring: ring.name().clone(),
            epoch: ring.epoch(),
            now,
            algorithm: policy.algorithm(),
            rotate: Readiness {
                safe: now >= safety.at && safety.waits_for.is_empty(),
                earliest_safe_at: safety.at,
                binding_term: safety.binding.as_str().to_owned(),
                binding: safety.binding.describe(),
                term: safety.term,
                waits_for: safety.waits_for,
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
            consumers: consumers(policy, evidence, now),
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
        let earliest = second(self.rotate.earliest_safe_at);
        said.push(if self.rotate.safe {
            format!("It is safe to rotate now, and has been since {earliest}: {why}.")
        } else if self.now < self.rotate.earliest_safe_at {
            format!("It is not safe to rotate before {earliest}: {why}.")
        } else {
            format!("It is not safe to rotate: since {earliest} no time stands against it ({why}), but not everybody has loaded the next key.")
        });
        for waiting in &self.rotate.waits_for {
            said.push(format!("The next key cannot sign yet: {waiting}."));
        }
        if ring.memory().switch_wanted.is_some() {
            said.push("A switch as soon as it is safe was asked for.".to_owned());
        }
        for next in &self.next {
            let at = second(next.at);
            said.push(match next.step.as_str() {
                "activate" if ring.memory().switch_wanted.is_some() => {
                    format!("At {at} key {} begins to sign.", next.kid)
                }
                "activate" => format!(
                    "At {at} key {} begins to sign by itself, after {} of its predecessor.",
                    next.kid, self.terms.rotate_every
                ),
                "retire" => format!(
                    "At {at} key {} leaves the set: {} after it stopped signing, nothing that it \
                     signed is valid any more.",
                    next.kid,
                    ring.key(&next.kid).map_or(self.terms.overlap, |key| ring.overlap_of(key)),
                ),
                _ => format!("At {at} the secret of key {} is destroyed.", next.kid),
            });
            if next.step != "activate" {
                for waiting in &next.waits_for {
                    said.push(format!("That waits for more than time: {waiting}."));
                }
            }
        }
        said
    }
}

/// Declared consumers, then those that only checked in.
fn consumers(policy: &Policy, evidence: &Evidence, now: Timestamp) -> Vec<ConsumerView> {
    let instances = |name: &str| {
        let own = evidence.instances().iter().filter(|known| known.consumer == name);
        own.map(|known| InstanceView::of(known, now)).collect()
    };
    let mut views: Vec<_> = policy
        .consumers()
        .iter()
        .map(|consumer| ConsumerView {
            name: consumer.name().to_owned(),
            declared: true,
            role: policy.role_of(consumer),
            hold: (!consumer.acknowledges()).then(|| consumer.hold()),
            instances: instances(consumer.name()),
        })
        .collect();
    for known in evidence.instances() {
        if !views.iter().any(|view| view.name == known.consumer) {
            views.push(ConsumerView {
                name: known.consumer.clone(),
                declared: false,
                role: policy.default_role(),
                hold: None,
                instances: instances(&known.consumer),
            });
        }
    }
    views
}

impl InstanceView {
    fn of(known: &Instance, now: Timestamp) -> Self {
        let loaded = known.loaded.last();
        Self {
            instance: known.instance.clone(),
            live: known.is_live(now),
            lease_until: known.lease_until,
            epoch: loaded.map(|loaded| loaded.epoch),
            since: loaded.map(|loaded| loaded.at),
            assumed: loaded.is_some_and(|loaded| loaded.assumed),
        }
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
