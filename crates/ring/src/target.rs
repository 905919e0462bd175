//! Targets: places that hold a copy of a ring's keys, as they are kept, and the consumer that each is to its ring.
//!
//! To the rules a copy is a consumer that acknowledges: whoever keeps it says which epoch it holds once
//! that was read back from it, and nobody else may. What a target's settings mean, and what is
//! remembered of it, is the business of whoever copies; here both are kept and no more.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use keytide_jose::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Action, Actor, CheckIn, ConsumerSpec, Epoch, Error, Event, OwnConsumer, RingName};

/// A target's name among those of its ring: 1 to 40 of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetName(String);

/// A target as it is kept: the whole of it is sealed.
pub struct KeptTarget {
    /// Its name.
    pub name: TargetName,
    /// The ring whose keys it holds.
    pub ring: RingName,
    /// Its settings, JSON, with the credentials that it was given.
    pub settings: Secret,
    /// The same for people, without them.
    pub shown: Map<String, Value>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Raised by every change of its standing, so that of several nodes one makes an attempt.
    pub version: u64,
    /// What is remembered of it; `null` before the first attempt.
    pub standing: Value,
}

/// A target as it is shown: without credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetView {
    /// Its name.
    pub name: TargetName,
    /// The ring whose keys it holds.
    pub ring: RingName,
    /// When it was added.
    pub created_at: Timestamp,
    /// Its settings, without credentials.
    pub settings: Map<String, Value>,
    /// How far it has come.
    pub standing: Value,
}

/// How many a ring may have.
const MOST_TARGETS: usize = 16;
const LONGEST_NAME: usize = 40;
/// What the consumers that are targets are called by; nobody else's name begins so.
const PREFIX: &str = "sync/";
/// A target's one instance.
const INSTANCE: &str = "copy";
/// Who speaks for targets. No credential is issued to this subject.
pub(crate) const SUBJECT: &str = "sync";

/// The target that a consumer is, if it is one.
pub fn target_of(consumer: &str) -> Option<&str> {
    consumer.strip_prefix(PREFIX)
}

impl TargetName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The consumer that the target is to its ring.
    pub fn consumer(&self) -> String {
        format!("{PREFIX}{self}")
    }

    /// What is said for it: that it takes the keys, or which epoch it holds.
    pub fn check_in(&self, epoch: Option<Epoch>) -> CheckIn {
        CheckIn { consumer: self.consumer(), instance: INSTANCE.to_owned(), epoch }
    }

    /// How it is declared in its ring's policy: no timer bounds it, its word alone counts.
    pub(crate) fn declaration(&self) -> ConsumerSpec {
        let acknowledges = Some(true);
        ConsumerSpec::Own(OwnConsumer { acknowledges, ..OwnConsumer::named(self.consumer()) })
    }
}

impl FromStr for TargetName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::BadTargetName { given: text.chars().take(80).collect() })
        }
    }
}

impl TryFrom<String> for TargetName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<TargetName> for String {
    fn from(name: TargetName) -> Self {
        name.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeptTarget {
    /// A second copy, credentials and all.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            name: self.name.clone(),
            ring: self.ring.clone(),
            settings: self.settings.duplicate(),
            shown: self.shown.clone(),
            created_at: self.created_at,
            version: self.version,
            standing: self.standing.clone(),
        }
    }

    /// The target as it is shown.
    pub fn view(&self) -> TargetView {
        TargetView {
            name: self.name.clone(),
            ring: self.ring.clone(),
            created_at: self.created_at,
            settings: self.shown.clone(),
            standing: self.standing.clone(),
        }
    }

    /// What the audit log keeps of it.
    pub fn event(&self, action: Action, actor: &Actor) -> Event {
        let kind = self.shown.get("kind").and_then(Value::as_str).unwrap_or_default();
        Event::done(actor.clone(), action)
            .ring(&self.ring)
            .detail("target", &self.name)
            .detail("kind", kind)
    }
}

/// Refuses one more than a ring may have.
///
/// # Errors
/// `too_many_targets`.
pub fn check_count(ring: &RingName, known: usize) -> Result<(), Error> {
    if known < MOST_TARGETS {
        return Ok(());
    }
    Err(Error::TooManyTargets { ring: ring.clone(), limit: MOST_TARGETS })
}

/// The consumers among `declared` that are targets.
pub(crate) fn among(declared: &[ConsumerSpec]) -> impl Iterator<Item = &ConsumerSpec> {
    declared.iter().filter(|consumer| target_of(consumer.name()).is_some())
}

/// Refuses to declare a target's consumer by hand, or to take it away.
///
/// # Errors
/// `bad_consumer`.
pub(crate) fn check_by_hand(consumer: &str) -> Result<(), Error> {
    match target_of(consumer) {
        None => Ok(()),
        Some(_) => Err(Error::BadConsumer {
            name: consumer.chars().take(63).collect(),
            why: format!(
                "names that begin with `{PREFIX}` are those of targets, which are added and removed \
                 as such"
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_targets_name_is_short_and_plain() {
        for good in ["prod", "vault-1", "a"] {
            assert_eq!(good.parse::<TargetName>().unwrap().as_str(), good);
        }
        for bad in ["", "a/b", "A", "a b", "ü", &"a".repeat(41)] {
            assert_eq!(bad.parse::<TargetName>().unwrap_err().code(), "bad_target_name", "{bad}");
        }
    }

    #[test]
    fn the_longest_name_still_declares_a_consumer() {
        let name: TargetName = "a".repeat(LONGEST_NAME).parse().unwrap();
        let consumer = crate::Consumer::resolve(name.declaration(), crate::Span::ZERO).unwrap();
        assert!(consumer.acknowledges());
        assert_eq!(target_of(consumer.name()), Some(name.as_str()));
    }
}
