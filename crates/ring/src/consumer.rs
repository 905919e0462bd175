//! Who verifies with a ring's keys, and for how long each may go on using an old set.

use serde::{Deserialize, Serialize};

use crate::evidence::DEFAULT_LEASE;
use crate::{Error, Span};

/// What a consumer does with a ring's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Verifies.
    Verifier,
    /// Signs.
    Signer,
    /// Signs and verifies.
    Both,
}

impl Role {
    /// Whether whoever has this role also does what `other` says.
    pub fn covers(self, other: Self) -> bool {
        self == Self::Both || self == other
    }
}

/// For how long a consumer may use a set of keys after a newer one was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// At most this long.
    For(Span),
    /// As long as the `Cache-Control: max-age` of the set allows.
    MaxAge,
    /// Until its process ends: there is no bound that a timer could wait for.
    ProcessLife,
}

/// How a well-known verifier caches keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name to declare a consumer with.
    pub name: &'static str,
    /// For how long it may use an old set.
    pub hold: Hold,
    /// Whether it fetches the set again when a token names a key that it does not know.
    /// Never counted on: most verifiers limit the rate of such fetches.
    pub refetches: bool,
    /// What it is, in a few words.
    pub about: &'static str,
}

const fn minutes(n: u32) -> Hold {
    Hold::For(Span::from_secs(n * 60))
}

const fn profile(name: &'static str, hold: Hold, refetches: bool, about: &'static str) -> Profile {
    Profile { name, hold, refetches, about }
}

/// The profiles that can be declared by name, with each verifier's own defaults.
pub const PROFILES: &[Profile] = &[
    profile("jose", minutes(10), true, "npm `jose` createRemoteJWKSet: 10 min, 30 s cooldown"),
    profile("pyjwt", minutes(5), true, "PyJWT PyJWKClient: 300 s"),
    profile("pyjwt-cached-keys", Hold::ProcessLife, true, "PyJWKClient with cache_keys=True"),
    profile("jwks-rsa", minutes(10), true, "npm `jwks-rsa`: 10 min"),
    profile("jwx", minutes(60), true, "Go lestrrat-go/jwx: 1 h at least"),
    profile("go-oidc", Hold::MaxAge, true, "coreos/go-oidc v3: obeys the header"),
    profile("hasura", Hold::MaxAge, false, "Hasura: obeys max-age"),
    profile("istio", minutes(20), false, "Istio: 20 min, no fetch on an unknown kid"),
    profile("sap", minutes(15), false, "SAP: 15 min, no fetch on an unknown kid"),
    profile("aws-http-api", minutes(120), false, "AWS API Gateway HTTP API authorizer: 2 h"),
    profile("kafka", minutes(60), true, "Kafka broker OAUTHBEARER: 1 h"),
    profile("confluent-cloud", minutes(24 * 60), false, "Confluent Cloud: 24 h"),
    profile("microsoft-identitymodel", minutes(24 * 60), true, "Microsoft.IdentityModel: 12–24 h"),
    profile(ENVIRONMENT, Hold::ProcessLife, false, "a secret read from the environment at start"),
];

const ENVIRONMENT: &str = "environment";

/// One cache between the published set and a verification, such as a CDN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// What holds it.
    pub name: String,
    /// For how long, at most.
    pub hold: Span,
}

/// How a consumer is declared: a profile's name, or an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a profile's name, or {name, profile | hold | layers}")]
pub enum ConsumerSpec {
    /// A named profile as it comes.
    Profile(String),
    /// A consumer with a name of its own.
    Own(OwnConsumer),
}

impl ConsumerSpec {
    /// The name that it declares.
    pub fn name(&self) -> &str {
        match self {
            Self::Profile(name) => name,
            Self::Own(own) => &own.name,
        }
    }
}

/// A consumer with a name of its own, and a hold that comes from a profile, a figure, or stacked caches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnConsumer {
    /// How `explain` calls it.
    pub name: String,
    /// The profile that it behaves like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// For how long it may use an old set; overrides the profile's figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// Caches in front of it, each of which adds its own hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Whether it tells which epoch it has loaded. Then no hold is needed: a switch waits for the word
    /// of every live instance. The `environment` profile does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledges: Option<bool>,
    /// What it does with the keys. Default: `verifier`; in a symmetric ring `both`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The leeway with which it reads `exp`, which the ring's must allow for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leeway: Option<Span>,
    /// Whether it fetches the set again for a key that it does not know. Shown, and never counted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refetches: Option<bool>,
    /// How long an instance counts as live after it was heard of. Default 60 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Span>,
}

impl OwnConsumer {
    /// A consumer of this name with nothing else said.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            profile: None,
            hold: None,
            layers: Vec::new(),
            acknowledges: None,
            role: None,
            leeway: None,
            refetches: None,
            lease: None,
        }
    }
}

/// A declared consumer: its name and the bound on how long it may use an old set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    spec: ConsumerSpec,
    own: OwnConsumer,
    bound: Bound,
}

/// What tells that a consumer no longer works with an old set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// That much time.
    Hold(Span),
    /// Nothing but its own word.
    Acknowledgement,
}

impl Consumer {
    /// Resolves a declaration. `max_age` is what the ring's set allows a header-obeying cache.
    ///
    /// # Errors
    /// An unknown profile, a declaration that names no hold, or one that no timer can bound.
    pub(crate) fn resolve(spec: ConsumerSpec, max_age: Span) -> Result<Self, Error> {
        let own = match &spec {
            ConsumerSpec::Profile(name) => {
                OwnConsumer { profile: Some(name.clone()), ..OwnConsumer::named(name) }
            }
            ConsumerSpec::Own(own) => own.clone(),
        };
        if own.name.is_empty() || own.name.len() > 63 || own.name.chars().any(char::is_control) {
            return Err(Error::BadConsumer {
                name: own.name.chars().take(63).collect(),
                why: "its name must have 1 to 63 printable characters".into(),
            });
        }
        let bad = |why: &str| Error::BadConsumer { name: own.name.clone(), why: why.into() };
        if own.lease.is_some_and(|lease| lease < SHORTEST_LEASE) {
            return Err(bad("its lease must be at least 2s"));
        }
        let layers = own.layers.iter().fold(Span::ZERO, |sum, layer| sum + layer.hold);
        let bound = match base_bound(&own, max_age)? {
            Bound::Hold(base) => Bound::Hold(base + layers),
            Bound::Acknowledgement if layers == Span::ZERO => Bound::Acknowledgement,
            Bound::Acknowledgement => {
                return Err(bad("give it either `layers` or `acknowledges`, not both"));
            }
        };
        Ok(Self { spec, own, bound })
    }

    /// The hold that a declaration fixes by itself, when it does not follow `max-age`.
    pub(crate) fn fixed_hold(spec: &ConsumerSpec) -> Option<Span> {
        let (profile, hold) = match spec {
            ConsumerSpec::Profile(name) => (Some(name), None),
            ConsumerSpec::Own(own) => (own.profile.as_ref(), own.hold),
        };
        hold.or_else(|| match profile_named(profile?)?.hold {
            Hold::For(span) => Some(span),
            Hold::MaxAge | Hold::ProcessLife => None,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.own.name
    }

    /// For how long it may go on using the set it has, the sum of its caches; or that only its own
    /// word tells.
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// Whether nothing but its own word tells what it works with.
    pub fn acknowledges(&self) -> bool {
        self.bound == Bound::Acknowledgement
    }

    /// Whether its word shortens the wait for it, which a timer bounds: it was declared to tell what
    /// every one of its instances has loaded.
    pub fn tells(&self) -> bool {
        self.own.acknowledges == Some(true)
    }

    /// The hold that a timer can wait for; none for one that acknowledges.
    pub fn hold(&self) -> Span {
        match self.bound {
            Bound::Hold(hold) => hold,
            Bound::Acknowledgement => Span::ZERO,
        }
    }

    /// What it was declared to do with the keys.
    pub fn role(&self) -> Option<Role> {
        self.own.role
    }

    /// The leeway that it was declared with.
    pub fn leeway(&self) -> Option<Span> {
        self.own.leeway
    }

    /// How long an instance of it counts as live after it was heard of.
    pub fn lease(&self) -> Span {
        self.own.lease.unwrap_or(DEFAULT_LEASE)
    }

    /// Whether it fetches the set again for a key that it does not know; none where that is not known.
    pub fn refetches(&self) -> Option<bool> {
        let of_profile = || Some(profile_named(self.own.profile.as_ref()?)?.refetches);
        self.own.refetches.or_else(of_profile)
    }

    /// How it was declared.
    pub fn spec(&self) -> &ConsumerSpec {
        &self.spec
    }
}

/// Sooner than this no instance could be heard of again.
const SHORTEST_LEASE: Span = Span::from_secs(2);

fn base_bound(own: &OwnConsumer, max_age: Span) -> Result<Bound, Error> {
    let bad = |why: String| Error::BadConsumer { name: own.name.clone(), why };
    let profile = match &own.profile {
        None => None,
        Some(name) => Some(profile_named(name).ok_or_else(|| {
            let known: Vec<_> = PROFILES.iter().map(|p| p.name).collect();
            bad(format!("there is no profile `{name}`; there are {}", known.join(", ")))
        })?),
    };
    let acknowledges =
        own.acknowledges.unwrap_or_else(|| profile.is_some_and(|p| p.name == ENVIRONMENT));
    match (own.hold, profile.map(|p| p.hold)) {
        (Some(hold), _) | (None, Some(Hold::For(hold))) => Ok(Bound::Hold(hold)),
        (None, Some(Hold::MaxAge)) => Ok(Bound::Hold(max_age)),
        (None, Some(Hold::ProcessLife) | None) if acknowledges => Ok(Bound::Acknowledgement),
        (None, Some(Hold::ProcessLife)) => Err(bad(
            "it holds its keys for as long as its process lives; give `hold`, the longest time \
             between two restarts, or let it acknowledge what it has loaded"
                .into(),
        )),
        (None, None) if own.layers.is_empty() => {
            Err(bad("give a `profile`, a `hold`, `layers`, or `acknowledges`".into()))
        }
        (None, None) => Ok(Bound::Hold(Span::ZERO)),
    }
}

fn profile_named(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(json: &str) -> Result<Consumer, Error> {
        Consumer::resolve(serde_json::from_str(json).unwrap(), Span::from_secs(300))
    }

    #[test]
    fn stacked_caches_add_up() {
        let consumer = resolve(
            r#"{"name":"edge","profile":"jose","layers":[{"name":"cdn","hold":"5m"},{"name":"proxy","hold":"1m"}]}"#,
        );
        assert_eq!(consumer.unwrap().bound(), Bound::Hold(Span::from_secs(16 * 60)));
    }

    #[test]
    fn a_header_obeying_consumer_holds_for_max_age() {
        assert_eq!(resolve("\"go-oidc\"").unwrap().hold(), Span::from_secs(300));
    }

    #[test]
    fn an_unbounded_consumer_is_refused_until_it_names_its_longest_hold_or_acknowledges() {
        let unbounded = r#"{"name":"api","profile":"pyjwt-cached-keys"}"#;
        assert_eq!(resolve(unbounded).unwrap_err().code(), "bad_consumer");
        let bounded =
            resolve(r#"{"name":"api","profile":"pyjwt-cached-keys","hold":"24h"}"#).unwrap();
        assert_eq!(bounded.bound(), Bound::Hold(Span::from_secs(86_400)));
        let told =
            resolve(r#"{"name":"api","profile":"pyjwt-cached-keys","acknowledges":true}"#).unwrap();
        assert_eq!(told.bound(), Bound::Acknowledgement);
    }

    #[test]
    fn a_secret_in_the_environment_is_acknowledged_unless_its_hold_is_told() {
        assert_eq!(resolve("\"environment\"").unwrap().bound(), Bound::Acknowledgement);
        let bounded = resolve(r#"{"name":"api","profile":"environment","hold":"24h"}"#).unwrap();
        assert_eq!(bounded.bound(), Bound::Hold(Span::from_secs(86_400)));
        let silent = r#"{"name":"api","profile":"environment","acknowledges":false}"#;
        assert_eq!(resolve(silent).unwrap_err().code(), "bad_consumer");
    }

    #[test]
    fn a_cache_in_front_of_one_that_acknowledges_is_refused() {
        let both = r#"{"name":"a","acknowledges":true,"layers":[{"name":"cdn","hold":"5m"}]}"#;
        assert_eq!(resolve(both).unwrap_err().code(), "bad_consumer");
    }

    #[test]
    fn a_misspelt_profile_names_the_known_ones() {
        let text = resolve("\"isto\"").unwrap_err().to_string();
        assert!(text.contains("isto") && text.contains("istio"), "{text}");
    }

    #[test]
    fn every_profile_has_a_name_of_its_own() {
        let mut names: Vec<_> = PROFILES.iter().map(|p| p.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROFILES.len());
    }
}
