//! Key identifiers: our own, which are valid, and those from a header, which are only a hint.

use core::borrow::Borrow;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result, Rng, base64url};

/// A key's own `kid`: 1 to 256 characters without control characters. Cheap to clone.
///
/// ```
/// use keytide_jose::KeyId;
///
/// let kid: KeyId = "2026-11-key-1".parse()?;
/// assert_eq!(kid.as_str(), "2026-11-key-1");
/// assert_eq!("".parse::<KeyId>().unwrap_err().code(), "invalid_kid");
/// # Ok::<(), keytide_jose::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// 128 random bits in base64url: 22 characters.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn random(rng: &mut dyn Rng) -> Result<Self> {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes)?;
        Ok(Self(base64url::encode(&bytes).into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        const LONGEST: usize = 256;
        if text.is_empty() {
            return Err(Error::InvalidKid("it is empty"));
        }
        if text.chars().nth(LONGEST).is_some() {
            return Err(Error::InvalidKid("it has more than 256 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(Error::InvalidKid("it has a control character"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({:?})", &*self.0)
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Text from a token that nobody vouches for; it can find a key and do nothing else.
///
/// It has no way to the text but [`Untrusted::for_lookup`], so that a `kid` is not taken for a path,
/// a query or a log line by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Untrusted<T> {
    text: Box<str>,
    stands_for: PhantomData<fn() -> T>,
}

impl<T> Untrusted<T> {
    /// Marks a text as a stranger's, such as a `kid` from a header that another library has read.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), stands_for: PhantomData }
    }

    /// The text as it came, to compare with trusted identifiers. It may hold anything.
    #[must_use]
    pub fn for_lookup(&self) -> &str {
        &self.text
    }
}

impl Untrusted<KeyId> {
    /// Whether it names this key, to the letter.
    #[must_use]
    pub fn is(&self, key_id: &KeyId) -> bool {
        *self.text == *key_id.0
    }
}

impl<T> fmt::Debug for Untrusted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn random_identifiers_carry_128_bits_and_differ() {
        let one = KeyId::random(&mut SystemRng).unwrap();
        let two = KeyId::random(&mut SystemRng).unwrap();
        assert_eq!(base64url::decode(one.as_str()).unwrap().len(), 16);
        assert_ne!(one, two);
    }

    #[test]
    fn control_characters_and_bad_lengths_are_refused() {
        for text in ["", "a\0b", "a\nb", &"k".repeat(257)] {
            assert_eq!(text.parse::<KeyId>().unwrap_err().code(), "invalid_kid");
        }
        assert!("k".repeat(256).parse::<KeyId>().is_ok());
    }

    #[test]
    fn each_way_to_the_text_gives_all_of_it_and_debug_says_what_it_is() {
        let kid: KeyId = "a \"b\"".parse().unwrap();
        assert_eq!(kid.to_string(), "a \"b\"");
        assert_eq!(AsRef::<str>::as_ref(&kid), "a \"b\"");
        assert_eq!(Borrow::<str>::borrow(&kid), "a \"b\"");
        assert_eq!(format!("{kid:?}"), r#"KeyId("a \"b\"")"#);
        assert_eq!(serde_json::to_string(&kid).unwrap(), r#""a \"b\"""#);
        assert_eq!(serde_json::from_str::<KeyId>(r#""a \"b\"""#).unwrap(), kid);
        assert!(serde_json::from_str::<KeyId>(r#""""#).is_err());
        // A line break from a stranger stays inside the quotes.
        let hint = Untrusted::<KeyId>::new("a\nb");
        assert_eq!(format!("{hint:?}"), r#"Untrusted("a\nb")"#);
        assert_eq!(hint.for_lookup(), "a\nb");
        assert!(Untrusted::new("a \"b\"").is(&kid) && !Untrusted::new("a").is(&kid));
    }
}
