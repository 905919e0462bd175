//! A ring's rotation policy: the terms of the inequality, and the refusal of those that cannot hold.

use keytide_jose::Algorithm;
use serde::{Deserialize, Serialize};

use crate::evidence::DEFAULT_LEASE;
use crate::mutant::{Mutant, broken};
use crate::{BindingTerm, Consumer, ConsumerSpec, Error, Role, Span, target};

/// A policy as it is written: everything but the algorithm has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// The algorithm of new keys.
    pub algorithm: Algorithm,
    /// The period: how long a key signs. Default 90 d.
    #[serde(default = "defaults::rotate_every")]
    pub rotate_every: Span,
    /// L: the longest `exp - iat` of a token. Default 1 h.
    #[serde(default = "defaults::token_ttl")]
    pub token_ttl: Span,
    /// A lead longer than the terms demand. Default: what the terms demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Span>,
    /// P: from a commit until no node serves the older set. Default 30 s.
    #[serde(default = "defaults::propagation")]
    pub propagation: Span,
    /// ε: the bound on any participant's clock error. Default 5 s.
    #[serde(default = "defaults::clock_error")]
    pub clock_error: Span,
    /// F: how long a signer may use a key after its deactivation was committed. Default 10 s.
    #[serde(default = "defaults::signer_lag")]
    pub signer_lag: Span,
    /// σ: the largest verifier leeway on `exp` that is respected. Default 60 s.
    #[serde(default = "defaults::leeway")]
    pub leeway: Span,
    /// How long a retired key is kept sealed before it is destroyed. Default 7 d.
    #[serde(default = "defaults::rollback_window")]
    pub rollback_window: Span,
    /// The published set's `max-age`. Default 300 s, or less where every consumer holds for less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Span>,
    /// Who verifies with the ring's keys.
    #[serde(default)]
    pub consumers: Vec<ConsumerSpec>,
    /// `iss` of every token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The audiences that tokens may name; the first is the default. Empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub audience: Vec<String>,
    /// `typ` of every token's header. Default `JWT`.
    #[serde(default = "defaults::typ")]
    pub typ: String,
    /// The size of RSA keys in bits. Default 2048 (RFC 7518 §3.3 demands no less).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rsa_bits: Option<u32>,
}

mod defaults {
    use crate::Span;

    pub(super) fn rotate_every() -> Span {
        Span::from_secs(90 * 86_400)
    }
    pub(super) fn token_ttl() -> Span {
        Span::from_secs(3_600)
    }
    pub(super) fn propagation() -> Span {
        Span::from_secs(30)
    }
    pub(super) fn clock_error() -> Span {
        Span::from_secs(5)
    }
    pub(super) fn signer_lag() -> Span {
        Span::from_secs(10)
    }
    pub(super) fn leeway() -> Span {
        Span::from_secs(60)
    }
    pub(super) fn rollback_window() -> Span {
        Span::from_secs(7 * 86_400)
    }
    pub(super) fn typ() -> String {
        "JWT".to_owned()
    }
}

impl PolicySpec {
    /// The defaults for `algorithm`.
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            rotate_every: defaults::rotate_every(),
            token_ttl: defaults::token_ttl(),
            lead: None,
            propagation: defaults::propagation(),
            clock_error: defaults::clock_error(),
            signer_lag: defaults::signer_lag(),
            leeway: defaults::leeway(),
            rollback_window: defaults::rollback_window(),
            max_age: None,
            consumers: Vec::new(),
            issuer: None,
            audience: Vec::new(),
            typ: defaults::typ(),
            rsa_bits: None,
        }
    }
}

/// `max-age` where no consumer asks for less.
const LONGEST_MAX_AGE: Span = Span::from_secs(300);
/// A node that fences itself sooner than it can hear of changes would always be fenced.
const SHORTEST_LAG: Span = Span::from_secs(2);
/// More keys than this at once would make every fetch of the set a burden.
pub(crate) const MOST_KEYS_IN_SET: u64 = 16;
/// No issuer, audience or type needs more.
const LONGEST_NAME: usize = 1_024;

/// A policy that can hold: it exists only if its terms agree with one another.
///
/// ```
/// use keytide_jose::Algorithm;
/// use keytide_ring::{Policy, PolicySpec};
///
/// let mut spec = PolicySpec::new(Algorithm::ES256);
/// spec.rotate_every = "1h".parse().unwrap();
/// spec.token_ttl = "15m".parse().unwrap();
/// let policy = Policy::new(spec).unwrap();
/// assert_eq!(policy.lead().to_string(), "5m 40s"); // P 30 s + C 300 s + 2ε 10 s
///
/// let mut hasty = policy.spec().clone();
/// hasty.rotate_every = "5m".parse().unwrap();
/// assert_eq!(Policy::new(hasty).unwrap_err().code(), "policy_cannot_hold");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    spec: PolicySpec,
    consumers: Vec<Consumer>,
    max_age: Span,
}

impl Policy {
    /// Checks a written policy.
    ///
    /// # Errors
    /// The first term that cannot hold, with the value that could (I5).
    pub fn new(spec: PolicySpec) -> Result<Self, Error> {
        let max_age = spec.max_age.unwrap_or_else(|| {
            let holds: Option<Vec<_>> = spec.consumers.iter().map(Consumer::fixed_hold).collect();
            let longest = holds.and_then(|holds| holds.into_iter().max());
            longest.unwrap_or(LONGEST_MAX_AGE).min(LONGEST_MAX_AGE)
        });
        let consumers = spec
            .consumers
            .iter()
            .map(|consumer| Consumer::resolve(consumer.clone(), max_age))
            .collect::<Result<_, _>>()?;
        let policy = Self { spec, consumers, max_age };
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), Error> {
        let spec = &self.spec;
        let refuse = |field: &'static str, why: String| Err(Error::PolicyCannotHold { field, why });
        let mut names: Vec<_> = self.consumers.iter().map(Consumer::name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return refuse("consumers", format!("`{}` is declared twice", twice[0]));
        }
        if spec.token_ttl < Span::from_secs(1) {
            return refuse("token_ttl", "a token must live for at least 1s".into());
        }
        for (field, value) in [("propagation", spec.propagation), ("signer_lag", spec.signer_lag)] {
            if value < SHORTEST_LAG {
                return refuse(
                    field,
                    format!(
                        "{value} is less than {SHORTEST_LAG}: nodes hear from their store every second"
                    ),
                );
            }
        }
        if spec.clock_error > Span::from_secs(300) {
            return refuse(
                "clock_error",
                format!("{} is more than 5m; set the clocks instead", spec.clock_error),
            );
        }
        if spec.leeway > Span::from_secs(300) {
            return refuse("leeway", format!("{} is more than 5m", spec.leeway));
        }
        for consumer in &self.consumers {
            if let Some(leeway) = consumer.leeway().filter(|leeway| *leeway > spec.leeway) {
                return refuse(
                    "leeway",
                    format!(
                        "{} is less than the {leeway} of consumer `{}`",
                        spec.leeway,
                        consumer.name()
                    ),
                );
            }
        }
        if let Some(lead) = spec.lead
            && lead < self.required_lead()
        {
            let (term, value) = self.largest_lead_term();
            return refuse(
                "lead",
                format!(
                    "{lead} is too short: the terms demand more than {}, of which {} is {value}",
                    self.required_lead(),
                    term.describe(),
                ),
            );
        }
        if spec.rotate_every <= self.lead() {
            return refuse(
                "rotate_every",
                format!(
                    "{} is too short: the next key must be published for more than {} before it \
                     signs; rotate at most every {}",
                    spec.rotate_every,
                    self.lead(),
                    self.lead() + Span::from_secs(1),
                ),
            );
        }
        let keys = self.most_keys_in_set();
        if keys > MOST_KEYS_IN_SET {
            return refuse(
                "rotate_every",
                format!(
                    "{} with an overlap of {} would keep {keys} keys in the set at once, more \
                     than {MOST_KEYS_IN_SET}; shorten token_ttl or rotate less often",
                    spec.rotate_every,
                    self.overlap(spec.token_ttl),
                ),
            );
        }
        for (field, value) in [("issuer", spec.issuer.as_ref()), ("typ", Some(&spec.typ))]
            .into_iter()
            .chain(spec.audience.iter().map(|aud| ("audience", Some(aud))))
        {
            if value.is_some_and(|text| text.is_empty() || text.len() > LONGEST_NAME) {
                return refuse(field, format!("it must have 1 to {LONGEST_NAME} bytes"));
            }
        }
        if let Some(bits) = spec.rsa_bits
            && !matches!(bits, 2048 | 3072 | 4096)
        {
            return refuse("rsa_bits", format!("{bits} is not one of 2048, 3072, 4096"));
        }
        Ok(())
    }

    /// The policy as it was written, defaults filled in.
    pub fn spec(&self) -> &PolicySpec {
        &self.spec
    }

    /// The algorithm of new keys.
    pub fn algorithm(&self) -> Algorithm {
        self.spec.algorithm
    }

    /// Who verifies with the ring's keys.
    pub fn consumers(&self) -> &[Consumer] {
        &self.consumers
    }

    /// The declared consumer of this name.
    pub fn consumer(&self, name: &str) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.name() == name)
    }

    /// Refuses targets in the policy of a ring that is only to be made: none can have been added.
    ///
    /// # Errors
    /// `bad_consumer`.
    pub(crate) fn check_no_targets(&self) -> Result<(), Error> {
        self.consumers.iter().map(Consumer::name).try_for_each(target::check_by_hand)
    }

    /// How long an instance of the consumer of this name counts as live after it was heard of,
    /// declared or not.
    pub fn lease_of(&self, consumer: &str) -> Span {
        self.consumer(consumer).map_or(DEFAULT_LEASE, Consumer::lease)
    }

    /// What whoever has the ring's keys does with them, if nothing else is said.
    pub fn default_role(&self) -> Role {
        if self.spec.algorithm.is_symmetric() { Role::Both } else { Role::Verifier }
    }

    /// What a consumer does with the keys.
    pub fn role_of(&self, consumer: &Consumer) -> Role {
        consumer.role().unwrap_or(self.default_role())
    }

    /// C, and the consumer that sets it; none when it is the `max-age` that anybody may use.
    pub fn slowest_consumer(&self) -> (Span, Option<&Consumer>) {
        self.slowest_of(|_| true)
    }

    /// C of the consumers that count; the `max-age` always does.
    pub(crate) fn slowest_of(
        &self,
        counts: impl Fn(&Consumer) -> bool,
    ) -> (Span, Option<&Consumer>) {
        let counted = self.consumers.iter().filter(|consumer| counts(consumer));
        match counted.max_by_key(|consumer| consumer.hold()) {
            Some(consumer) if consumer.hold() >= self.max_age => (consumer.hold(), Some(consumer)),
            _ => (self.max_age, None),
        }
    }

    /// What I1 demands between publication and first use: `P + C + 2ε`.
    pub fn required_lead(&self) -> Span {
        self.required_lead_for(self.slowest_consumer().0)
    }

    fn required_lead_for(&self, hold: Span) -> Span {
        let unless = |mutant, term| if broken(mutant) { Span::ZERO } else { term };
        let hold = unless(Mutant::NoConsumerHold, hold);
        if broken(Mutant::LeadIsHold) {
            return hold;
        }
        unless(Mutant::NoPropagation, self.spec.propagation)
            + hold
            + unless(Mutant::NoClockError, self.spec.clock_error.twice())
    }

    /// The lead in force: what I1 demands, or the longer one that was written.
    pub fn lead(&self) -> Span {
        self.lead_for(self.slowest_consumer().0)
    }

    /// The lead where the slowest consumer that counts holds for `hold`.
    pub(crate) fn lead_for(&self, hold: Span) -> Span {
        self.spec.lead.unwrap_or(Span::ZERO).max(self.required_lead_for(hold))
    }

    /// What I2 demands between a key's last use and its removal: `F + L + σ + 2ε`,
    /// with `longest_ttl` as L.
    pub fn overlap(&self, longest_ttl: Span) -> Span {
        if broken(Mutant::OverlapIsTtl) {
            return longest_ttl;
        }
        self.spec.signer_lag + longest_ttl + self.tail()
    }

    /// How long a token may be accepted after its `exp`, and clocks disagree about when that is.
    pub(crate) fn tail(&self) -> Span {
        let clocks = if broken(Mutant::NoClockError) { Span::ZERO } else { self.spec.clock_error };
        self.spec.leeway + clocks.twice()
    }

    /// I6: for how long a revoked key may still be trusted, or sign: `P + C + 2ε`, or F where that is
    /// longer.
    pub fn exposure(&self) -> Span {
        let trusted = self.spec.propagation + self.slowest_consumer().0;
        (trusted + self.spec.clock_error.twice()).max(self.spec.signer_lag)
    }

    /// The `max-age` of the published set, never longer than C.
    pub fn max_age(&self) -> Span {
        self.max_age
    }

    /// I5: how many keys the set holds at most.
    pub fn most_keys_in_set(&self) -> u64 {
        let overlap = self.overlap(self.spec.token_ttl).as_millis();
        2 + overlap.div_ceil(self.spec.rotate_every.as_millis().max(1))
    }

    /// The term that contributes most to the lead, and its value.
    pub fn largest_lead_term(&self) -> (BindingTerm, Span) {
        self.largest_term_of(self.slowest_consumer())
    }

    pub(crate) fn largest_term_of(
        &self,
        (hold, consumer): (Span, Option<&Consumer>),
    ) -> (BindingTerm, Span) {
        let lead = self.lead_for(hold);
        if lead > self.required_lead_for(hold) {
            return (BindingTerm::Lead, lead);
        }
        let by_consumer = match consumer {
            Some(consumer) => BindingTerm::Consumer { name: consumer.name().to_owned() },
            None => BindingTerm::MaxAge,
        };
        [
            (BindingTerm::ClockError, self.spec.clock_error.twice()),
            (BindingTerm::Propagation, self.spec.propagation),
            (by_consumer, hold),
        ]
        .into_iter()
        .max_by_key(|(_, value)| *value)
        .expect("three terms are listed")
    }
}

impl Serialize for Policy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.spec.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(PolicySpec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// `"api"` or `["api", "web"]`, as RFC 7519 §4.1.3 writes audiences.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an audience, or an array of them")]
    enum Form {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Form>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Form::One(one)) => vec![one],
        Some(Form::Many(many)) => many,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> PolicySpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_lead_is_propagation_plus_slowest_consumer_plus_twice_the_clock_error() {
        let policy = Policy::new(spec(
            r#"{"algorithm":"ES256","consumers":["pyjwt","istio"],"propagation":"1m","clock_error":"2s"}"#,
        ))
        .unwrap();
        assert_eq!(policy.lead().to_string(), "21m 4s");
        assert_eq!(
            policy.largest_lead_term(),
            (BindingTerm::Consumer { name: "istio".into() }, Span::from_secs(1_200))
        );
    }

    #[test]
    fn the_overlap_is_a_whole_sum_even_of_the_longest_terms() {
        let policy = Policy::new(spec(
            r#"{"algorithm":"HS256","token_ttl":"3650d","signer_lag":"3650d","rotate_every":"3650d"}"#,
        ));
        assert_eq!(policy.unwrap().overlap("3650d".parse().unwrap()).to_string(), "7300d 1m 10s");
    }

    #[test]
    fn a_cache_that_nobody_declared_is_counted_at_max_age() {
        let policy = Policy::new(spec(
            r#"{"algorithm":"ES256","max_age":"10m","consumers":[{"name":"quick","hold":"5s"}]}"#,
        ))
        .unwrap();
        assert_eq!(policy.slowest_consumer(), (Span::from_secs(600), None));
    }

    #[test]
    fn max_age_follows_the_slowest_consumer_below_five_minutes() {
        let quick = spec(r#"{"algorithm":"ES256","consumers":[{"name":"quick","hold":"5s"}]}"#);
        assert_eq!(Policy::new(quick).unwrap().max_age(), Span::from_secs(5));
        let mixed =
            spec(r#"{"algorithm":"ES256","consumers":[{"name":"quick","hold":"5s"},"go-oidc"]}"#);
        assert_eq!(Policy::new(mixed).unwrap().max_age(), Span::from_secs(300));
    }

    #[test]
    fn a_policy_that_cannot_hold_is_refused_with_the_field_at_fault() {
        for (json, field) in [
            (r#"{"algorithm":"ES256","rotate_every":"5m40s"}"#, "rotate_every"),
            (r#"{"algorithm":"ES256","lead":"5m39s"}"#, "lead"),
            (r#"{"algorithm":"ES256","token_ttl":"999ms"}"#, "token_ttl"),
            (r#"{"algorithm":"ES256","rotate_every":"10m","token_ttl":"1d"}"#, "rotate_every"),
            (r#"{"algorithm":"ES256","propagation":"1s"}"#, "propagation"),
            (r#"{"algorithm":"ES256","signer_lag":"0s"}"#, "signer_lag"),
            (r#"{"algorithm":"ES256","clock_error":"6m"}"#, "clock_error"),
            (r#"{"algorithm":"ES256","leeway":"6m"}"#, "leeway"),
            (r#"{"algorithm":"RS256","rsa_bits":1024}"#, "rsa_bits"),
            (r#"{"algorithm":"ES256","issuer":""}"#, "issuer"),
            (r#"{"algorithm":"ES256","audience":["a",""]}"#, "audience"),
            (r#"{"algorithm":"ES256","consumers":["pyjwt","pyjwt"]}"#, "consumers"),
        ] {
            match Policy::new(spec(json)).unwrap_err() {
                Error::PolicyCannotHold { field: at_fault, .. } => assert_eq!(at_fault, field),
                other => panic!("{json}: {other}"),
            }
        }
        Policy::new(spec(r#"{"algorithm":"ES256","rotate_every":"5m41s","token_ttl":"1s"}"#))
            .unwrap();
    }

    #[test]
    fn a_policy_survives_being_written_and_read() {
        let policy = Policy::new(spec(
            r#"{"algorithm":"HS256","consumers":["pyjwt",{"name":"b","hold":"1m"}],"audience":"x"}"#,
        ))
        .unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(
            serde_json::from_str::<PolicySpec>(r#"{"algorithm":"ES256","rotate":"1d"}"#).is_err()
        );
    }
}
