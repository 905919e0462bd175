//! Which rings an access token reaches: names in which a part may be `*`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, RingName};

/// A pattern of ring names. `*` stands for any one part; at the end, for whatever follows.
///
/// ```
/// use keytide_ring::{RingName, RingPattern};
///
/// let billing: RingPattern = "billing.*".parse().unwrap();
/// let ring = |name: &str| name.parse::<RingName>().unwrap();
/// assert!(billing.matches(&ring("billing.production")));
/// assert!(billing.matches(&ring("billing.production.refresh")));
/// assert!(!billing.matches(&ring("billing-eu.production")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RingPattern(String);

/// What stands for any part.
const ANY: &str = "*";

impl RingPattern {
    /// Every ring.
    pub fn all() -> Self {
        Self(ANY.to_owned())
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the pattern of every ring.
    pub fn is_all(&self) -> bool {
        self.0 == ANY
    }

    /// Whether the name is one of its rings.
    pub fn matches(&self, name: &RingName) -> bool {
        let mut parts = name.as_str().split('.');
        let mut wanted = self.0.split('.').peekable();
        while let Some(want) = wanted.next() {
            let Some(part) = parts.next() else { return false };
            if want == ANY && wanted.peek().is_none() {
                return true;
            }
            if want != ANY && want != part {
                return false;
            }
        }
        parts.next().is_none()
    }
}

impl FromStr for RingPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // With a name's part for each `*` it must be a name, but for `*` and `service.*` alone.
        let filled = text.split('.').map(|part| if part == ANY { "a" } else { part });
        let filled = filled.collect::<Vec<_>>().join(".");
        if text == ANY || filled.parse::<RingName>().is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::BadAccess {
            why: format!(
                "`{}` is no pattern of ring names, such as `billing.production` or `billing.*`",
                text.chars().take(80).collect::<String>().escape_debug()
            ),
        })
    }
}

impl TryFrom<String> for RingPattern {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<RingPattern> for String {
    fn from(pattern: RingPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for RingPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_part_and_at_the_end_for_all_that_follow() {
        for (pattern, reached, others) in [
            ("*", &["a.b", "a.b.c"][..], &[][..]),
            ("a.*", &["a.b", "a.b.c"], &["b.a", "aa.b"]),
            ("a.b", &["a.b"], &["a.b.c", "a.c"]),
            ("*.b", &["a.b", "c.b"], &["a.b.c", "b.a"]),
            ("*.b.*", &["a.b.c"], &["a.b", "a.c.b"]),
            ("a.*.c", &["a.b.c"], &["a.b", "a.b.d", "b.b.c"]),
        ] {
            let known: RingPattern = pattern.parse().unwrap();
            for name in reached {
                assert!(known.matches(&name.parse().unwrap()), "{pattern} {name}");
            }
            for name in others {
                assert!(!known.matches(&name.parse().unwrap()), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn what_matches_no_name_is_no_pattern() {
        for bad in ["", "a", "**", "a.", ".b", "a*.b", "A.b", "a.b.c.*", "a b.*", "*.*.*.*"] {
            assert_eq!(bad.parse::<RingPattern>().unwrap_err().code(), "bad_access", "{bad:?}");
        }
    }
}
