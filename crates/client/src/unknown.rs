//! Unknown `kid`s: when one may cause a fetch. Strangers choose them, so that a flood must cost next to nothing.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Which `kid`s were asked for in vain, and when one last caused a fetch.
#[derive(Default)]
pub(crate) struct UnknownKids {
    last_fetch: Option<Duration>,
    /// Keyed hashes, so that a stranger's text takes no room, and when each may be asked for again.
    in_vain: HashMap<u64, Duration>,
    hash: RandomState,
}

impl UnknownKids {
    /// Whether a fetch may be made for this `kid` at `now`, on the monotonic clock.
    pub(crate) fn may_fetch(&self, kid: &str, now: Duration, cooldown: Duration) -> bool {
        // A key's own kid is never so long, so that no fetch would bring it.
        let possible = kid.len() <= LONGEST_KID;
        let cool = self.last_fetch.is_none_or(|last| now.saturating_sub(last) >= cooldown);
        let again = self.in_vain.get(&self.hash.hash_one(kid)).is_none_or(|until| now >= *until);
        possible && cool && again
    }

    /// Notes that a fetch begins for the sake of a `kid`.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.last_fetch = Some(now);
    }

    /// Notes that a fetch did not bring this `kid`.
    pub(crate) fn in_vain(&mut self, kid: &str, now: Duration, ttl: Duration) {
        if self.in_vain.len() >= MOST {
            self.in_vain.retain(|_, until| now < *until);
        }
        if self.in_vain.len() < MOST {
            self.in_vain.insert(self.hash.hash_one(kid), now.saturating_add(ttl));
        }
    }
}

/// Each entry cost a fetch, and fetches are a cooldown apart: more come only with a tiny cooldown.
const MOST: usize = 1024;
/// 256 characters of at most four bytes.
const LONGEST_KID: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(30);
    const TTL: Duration = Duration::from_secs(60);

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_flood_of_different_kids_causes_one_fetch_per_cooldown() {
        let mut unknown = UnknownKids::default();
        let mut fetches = 0;
        for second in 0..300 {
            for nth in 0..10 {
                let kid = format!("{second}-{nth}");
                if unknown.may_fetch(&kid, at(second), COOLDOWN) {
                    fetches += 1;
                    unknown.begin(at(second));
                    unknown.in_vain(&kid, at(second), TTL);
                }
            }
        }
        assert_eq!(fetches, 10);
    }

    #[test]
    fn a_kid_that_was_asked_for_in_vain_waits_longer() {
        let mut unknown = UnknownKids::default();
        unknown.begin(at(0));
        unknown.in_vain("a", at(0), TTL);
        assert!(!unknown.may_fetch("a", at(31), COOLDOWN));
        assert!(unknown.may_fetch("b", at(31), COOLDOWN));
        assert!(unknown.may_fetch("a", at(60), COOLDOWN));
        assert!(!unknown.may_fetch(&"k".repeat(1025), at(60), COOLDOWN));
    }

    #[test]
    fn no_more_than_a_bounded_number_is_kept() {
        let mut unknown = UnknownKids::default();
        for nth in 0..5_000 {
            unknown.in_vain(&nth.to_string(), at(0), TTL);
        }
        assert_eq!(unknown.in_vain.len(), MOST);
        unknown.in_vain("later", at(60), TTL);
        assert_eq!(unknown.in_vain.len(), 1);
    }
}
