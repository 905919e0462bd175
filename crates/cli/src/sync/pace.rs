//! How many rounds begin in a second with each kind of place, so that thousands of rings stay within its limits.

use std::collections::HashMap;

use jiff::Timestamp;
use keytide_ring::Span;

/// Rounds a second. A round reads twice and writes once at most, and each figure leaves half of what
/// the provider allows an account to others.
const RATES: &[(&str, u32)] = &[
    // Secrets Manager: 50 writes a second.
    ("aws", 25),
    // Key Vault: 300 secret operations in 10 s, of which a round makes three.
    ("azure", 5),
    // Secret Manager: 600 writes a minute.
    ("gcp", 5),
    // An API server's default for one client is 50 a second.
    ("kubernetes", 15),
    ("vault", 50),
    ("file", 200),
];
const ELSEWHERE: u32 = 5;

/// What each kind may still begin within the second that runs.
#[derive(Default)]
pub(crate) struct Pace {
    begun: HashMap<String, Second>,
}

struct Second {
    since: Timestamp,
    left: u32,
}

impl Pace {
    /// Whether one more round may begin with this kind at `now`; it is counted then.
    pub(crate) fn permits(&mut self, kind: &str, now: Timestamp) -> bool {
        let rate = RATES.iter().find(|(known, _)| *known == kind).map_or(ELSEWHERE, |row| row.1);
        let fresh = || Second { since: now, left: rate };
        let second = self.begun.entry(kind.to_owned()).or_insert_with(fresh);
        if Span::from_secs(1).after(second.since) <= now || now < second.since {
            *second = fresh();
        }
        let permitted = second.left > 0;
        second.left = second.left.saturating_sub(1);
        permitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_begins_no_more_rounds_in_a_second_than_its_rate() {
        let mut pace = Pace::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut begun = |millis| {
            let now = Span::from_millis(millis).after(now);
            (0..1_000).filter(|_| pace.permits("aws", now)).count()
        };
        assert_eq!([begun(0), begun(999), begun(1_000), begun(1_500)], [25, 0, 25, 0]);
        assert!(pace.permits("vault", now), "another kind has a pace of its own");
    }
}
