//! Points in time as JWTs write them: seconds since 1970-01-01T00:00:00Z (RFC 7519 §2).

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json;

/// Seconds since the Unix epoch, leap seconds not counted; fractions are kept to a nanosecond.
///
/// ```
/// use keytide_jose::jwt::NumericDate;
///
/// let now = NumericDate::from_secs(1_767_225_600);
/// assert_eq!(now.as_secs(), 1_767_225_600);
/// assert!(serde_json::from_str::<NumericDate>("1767225599.5").unwrap() < now);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate {
    secs: i64,
    /// 0..1,000,000,000, counted upward from `secs` before the epoch too.
    nanos: u32,
}

impl NumericDate {
    /// Whole seconds since the epoch; negative before it.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self { secs, nanos: 0 }
    }

    /// Milliseconds since the epoch; negative before it.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        let nanos = (millis.rem_euclid(1_000) * 1_000_000) as u32;
        Self { secs: millis.div_euclid(1_000), nanos }
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.secs
    }

    /// This much later, at most the last representable second.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let nanos = self.nanos + duration.subsec_nanos();
        let carry = i64::from(nanos / NANOS);
        let secs = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let secs = self.secs.saturating_add(secs).saturating_add(carry);
        Self { secs, nanos: nanos % NANOS }
    }

    /// Reads the text of a checked JSON value; `None` unless it is a number of representable size.
    pub(crate) fn from_json(value: &str) -> Option<Self> {
        if let Some((secs, len)) = json::small_integer(value.as_bytes())
            && len == value.len()
        {
            return Some(Self::from_secs(secs));
        }
        if let Ok(secs) = value.parse() {
            return Some(Self::from_secs(secs));
        }
        if !value.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return None;
        }
        Self::from_f64(value.parse().ok()?)
    }

    fn from_f64(value: f64) -> Option<Self> {
        let floor = value.floor();
        // i64::MAX as f64 is 2^63, the first number that does not fit.
        if !(floor >= i64::MIN as f64 && floor < i64::MAX as f64) {
            return None;
        }
        let nanos = ((value - floor) * f64::from(NANOS)) as u32;
        Some(Self { secs: floor as i64, nanos: nanos.min(NANOS - 1) })
    }
}

const NANOS: u32 = 1_000_000_000;

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return write!(f, "{}", self.secs);
        }
        let total = i128::from(self.secs) * i128::from(NANOS) + i128::from(self.nanos);
        let sign = if total < 0 { "-" } else { "" };
        let (whole, rest) =
            (total.unsigned_abs() / u128::from(NANOS), total.unsigned_abs() % u128::from(NANOS));
        let fraction = format!("{rest:09}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

impl Serialize for NumericDate {
    /// Writes an integer, or a fraction where there is one.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.nanos == 0 {
            return serializer.serialize_i64(self.secs);
        }
        // A fraction was a double to begin with.
        serializer.serialize_f64(self.secs as f64 + f64::from(self.nanos) / f64::from(NANOS))
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::from_json(&number.to_string())
            .ok_or_else(|| serde::de::Error::custom("a time out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NumericDate {
        NumericDate::from_json(text).unwrap()
    }

    #[test]
    fn fractions_order_between_their_seconds() {
        assert!(at("1767225599.5") < NumericDate::from_secs(1_767_225_600));
        assert!(at("1767225599.5") > NumericDate::from_secs(1_767_225_599));
        assert!(at("-0.5") < NumericDate::from_secs(0));
        assert_eq!(at("1.7672256e9"), NumericDate::from_secs(1_767_225_600));
    }

    #[test]
    fn what_is_no_number_or_out_of_range_is_no_time() {
        for text in ["\"1\"", "null", "true", "[1]", "{}", "1e19", "-1e19", "9223372036854775808"] {
            assert_eq!(NumericDate::from_json(text), None, "{text}");
        }
    }

    #[test]
    fn adding_stops_at_the_end_of_time() {
        let end = NumericDate::from_secs(i64::MAX);
        assert_eq!(end.saturating_add(Duration::from_secs(1)), end);
        assert_eq!(at("0.75").saturating_add(Duration::from_millis(500)), at("1.25"));
    }

    #[test]
    fn it_prints_as_it_was_written() {
        for text in ["0", "-5", "1767225599.5", "-0.5", "-1.25"] {
            assert_eq!(at(text).to_string(), text);
        }
    }
}
