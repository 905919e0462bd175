//! What a ring will do next, when, why not now, and which term binds: as data and as sentences.

use jiff::Timestamp;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use crate::plan::{self, Step};
use crate::{Epoch, Evidence, Instance, Key, Policy, Ring, RingName, Role, Span, State, Waiting};

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
        let mut said = vec![self.tell_roles(ring), self.tell_readiness(ring)];
        for waiting in &self.rotate.waits_for {
            said.push(format!("The next key cannot sign yet: {waiting}."));
        }
        if let Some(wanted) = ring.memory().switch_wanted {
            let wanted = whole(wanted);
            said.push(format!("A switch as soon as it is safe was asked for at {wanted}."));
        }
        for key in ring.past() {
            if let State::Revoked { revoked_at, exposed_until, .. } = key.state
                && self.now < exposed_until
            {
                said.push(format!(
                    "Key {} was revoked at {}; verifiers that hold an older set may trust it until \
                     {}.",
                    key.kid,
                    whole(revoked_at),
                    second(exposed_until),
                ));
            }
        }
        said.extend(self.next.iter().map(|next| self.tell_step(ring, next)));
        said
    }

    fn tell_roles(&self, ring: &Ring) -> String {
        let (active, standby) = (ring.active(), ring.standby());
        let since = whole(active.state.activated_at().unwrap_or(active.published_at));
        let published = whole(standby.published_at);
        let signs = format!("Key {} has signed since {since}", active.kid);
        if standby.born < standby.published_in {
            return format!(
                "{signs}; key {}, which signed before, has been published again since {published} \
                 to sign next.",
                standby.kid
            );
        }
        let follows = match standby.algorithm == active.algorithm {
            true => String::new(),
            false => format!(" with {} instead of {}", standby.algorithm, active.algorithm),
        };
        format!(
            "{signs}; key {} has been published since {published} to follow it{follows}.",
            standby.kid
        )
    }

    fn tell_readiness(&self, ring: &Ring) -> String {
        let Readiness { safe, earliest_safe_at, binding_term, binding, term, waits_for } =
            &self.rotate;
        let Terms { lead, propagation, consumer_hold, clock_error, .. } = &self.terms;
        let why = if binding_term == "former_policy" {
            format!(
                "by the policy before a key was published for more than {term}, and somebody may \
                 still go by that"
            )
        } else {
            let sooner = *earliest_safe_at <= lead.after(ring.standby().published_at);
            let acknowledged = match sooner {
                true => "; consumers that acknowledged it are not waited for any longer",
                false => "",
            };
            format!(
                "a key is published for more than {lead} before it signs (propagation \
                 {propagation} + slowest consumer {consumer_hold} + twice the clock error \
                 {clock_error}; {binding} weighs most){acknowledged}"
            )
        };
        let earliest = second(*earliest_safe_at);
        if *safe {
            format!("It is safe to rotate now, and has been since {earliest}: {why}.")
        } else if self.now < *earliest_safe_at {
            format!("It is not safe to rotate before {earliest}: {why}.")
        } else {
            let them = if waits_for.len() == 1 { "one has" } else { "some have" };
            format!(
                "It is not safe to rotate yet: no time has stood against it since {earliest}, but \
                 {them} not loaded the next key."
            )
        }
    }

    /// When a step comes, or what it waits for where its time has passed.
    fn tell_step(&self, ring: &Ring, next: &Upcoming) -> String {
        let Upcoming { step, kid, at, waits_for } = next;
        let overdue = *at <= self.now && !waits_for.is_empty();
        let at = match overdue {
            true => "As soon as nobody is waited for any more".to_owned(),
            false => format!("At {}", second(*at)),
        };
        let does = match step.as_str() {
            "activate" if overdue || ring.memory().switch_wanted.is_some() => {
                format!("key {kid} begins to sign")
            }
            "activate" => format!(
                "key {kid} begins to sign by itself, after {} of its predecessor",
                self.terms.rotate_every
            ),
            "retire" => format!(
                "key {kid} leaves the set: {} after it stopped signing, nothing that it signed is \
                 valid any more",
                ring.key(kid).map_or(self.terms.overlap, |key| ring.overlap_of(key)),
            ),
            _ => format!("the secret of key {kid} is destroyed"),
        };
        // Whom the next key waits for is told above.
        let waits: Vec<_> = match step.as_str() {
            "activate" => Vec::new(),
            _ => waits_for.iter().map(Waiting::to_string).collect(),
        };
        match waits.is_empty() {
            true => format!("{at} {does}."),
            false => format!("{at} {does}. It waits for more than time: {}.", waits.join("; ")),
        }
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
