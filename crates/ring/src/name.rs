//! The name of a ring: `service.environment` or `service.environment.purpose`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A ring's name, each part 1 to 63 of `a-z`, `0-9` and `-`.
///
/// ```
/// use keytide_ring::RingName;
///
/// let name: RingName = "billing.production.refresh".parse().unwrap();
/// assert_eq!(name.environment(), "production");
/// assert!("Billing.production".parse::<RingName>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RingName(String);

impl RingName {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first part: which service.
    pub fn service(&self) -> &str {
        self.part(0)
    }

    /// The second part: where it runs.
    pub fn environment(&self) -> &str {
        self.part(1)
    }

    fn part(&self, n: usize) -> &str {
        self.0.split('.').nth(n).unwrap_or_default()
    }
}

impl FromStr for RingName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let good = |part: &str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if (2..=3).contains(&text.split('.').count()) && text.split('.').all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::BadRingName { given: text.chars().take(80).collect() })
        }
    }
}

impl TryFrom<String> for RingName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RingName> for String {
    fn from(name: RingName) -> Self {
        name.0
    }
}

impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_or_three_lowercase_parts_make_a_name_and_nothing_else_does() {
        for good in ["a.b", "billing.production", "a-1.b.c-9"] {
            assert_eq!(good.parse::<RingName>().unwrap().as_str(), good);
        }
        let long = format!("{}.b", "a".repeat(64));
        for bad in ["", "a", "a.b.c.d", "a..b", "A.b", "a.b/", "a.b\n", "ä.b", "../b", &long] {
            assert!(bad.parse::<RingName>().is_err(), "{bad:?}");
        }
    }
}
