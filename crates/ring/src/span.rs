//! A length of time that is never negative, as people write it: `90d`, `15m`, `1h 30m`.

use std::fmt;
use std::ops::Add;
use std::str::FromStr;

use jiff::{SignedDuration, SpanRelativeTo, SpanRound, Timestamp, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// A length of time to the millisecond; one that is read lies between zero and ten years. A day is
/// 24 hours.
///
/// ```
/// use keytide_ring::Span;
///
/// let lead: Span = "1h 30m".parse().unwrap();
/// assert_eq!(lead.as_secs(), 5_400);
/// assert_eq!(lead.to_string(), "1h 30m");
/// assert!("-1s".parse::<Span>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span that is accepted: ten years of 365 days.
    pub const MAX: Self = Self(10 * 365 * 24 * 3_600 * 1_000);

    /// A span of whole seconds, cut to [`Span::MAX`].
    pub const fn from_secs(secs: u32) -> Self {
        let millis = secs as u64 * 1_000;
        if millis > Self::MAX.0 { Self::MAX } else { Self(millis) }
    }

    /// A span of milliseconds, cut to [`Span::MAX`].
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX.0 { Self::MAX } else { Self(millis) }
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// From `earlier` to `later`; nothing when `later` is not later.
    pub fn between(earlier: Timestamp, later: Timestamp) -> Self {
        let millis = later.duration_since(earlier).as_millis();
        Self(u64::try_from(millis).unwrap_or(0))
    }

    /// The instant this long after `start`, cut to the last one the calendar has.
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.saturating_add(self.signed()).unwrap_or(Timestamp::MAX)
    }

    /// Twice this span.
    pub fn twice(self) -> Self {
        self + self
    }

    /// The same length as a [`SignedDuration`].
    pub fn signed(self) -> SignedDuration {
        SignedDuration::from_millis(i64::try_from(self.0).unwrap_or(i64::MAX))
    }

    fn checked(signed: SignedDuration) -> Option<Self> {
        let millis = u64::try_from(signed.as_millis()).ok()?;
        (millis <= Self::MAX.0).then_some(Self(millis))
    }
}

impl Add for Span {
    type Output = Self;

    /// The sum, which may be longer than [`Span::MAX`]: a sum of terms must not lose any of them.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let balanced = jiff::Span::try_from(self.signed())
            .and_then(|span| span.round(SpanRound::new().largest(Unit::Day).days_are_24_hours()));
        match balanced {
            Ok(span) => write!(f, "{span:#}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Span {
    type Err = Error;

    /// Reads `90d`, `1h 30m`, `500ms` or ISO 8601 (`PT15M`).
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::BadSpan { given: text.chars().take(40).collect(), why };
        let span: jiff::Span = text.trim().parse().map_err(|_| bad("not a duration".into()))?;
        let signed = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| bad("months and years have no fixed length".into()))?;
        Self::checked(signed).ok_or_else(|| bad("it must lie between 0s and ten years".into()))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    /// Accepts the text form, or a number of seconds.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a duration such as \"15m\", or whole seconds")]
        enum Form {
            Seconds(u32),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Seconds(secs) => Ok(Self::from_secs(secs)),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_hours_and_iso_forms_are_read_and_written_back() {
        for (text, millis, shown) in [
            ("90d", 7_776_000_000, "90d"),
            ("1h 30m", 5_400_000, "1h 30m"),
            ("PT15M", 900_000, "15m"),
            ("100ms", 100, "100ms"),
            ("0s", 0, "0s"),
            ("2 weeks", 1_209_600_000, "14d"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.as_millis(), millis, "{text}");
            assert_eq!(span.to_string(), shown);
            assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
    }

    #[test]
    fn a_sum_loses_no_term_however_long_they_are() {
        assert_eq!((Span::MAX + Span::MAX).as_millis(), 2 * Span::MAX.as_millis());
    }

    #[test]
    fn negative_calendar_and_endless_spans_are_refused() {
        for text in ["-5m", "1 month", "11 years", "soon", "", "200000d", "99999999999999999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_takes_seconds_or_text_and_gives_text() {
        assert_eq!(serde_json::from_str::<Span>("900").unwrap(), Span::from_secs(900));
        assert_eq!(serde_json::from_str::<Span>("\"15m\"").unwrap(), Span::from_secs(900));
        assert_eq!(serde_json::to_string(&Span::from_secs(900)).unwrap(), "\"15m\"");
        assert!(serde_json::from_str::<Span>("-1").is_err());
    }
}
