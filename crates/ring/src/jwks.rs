//! The published set of an epoch: its bytes, its entity tag, and for how long it may be cached.

use jiff::Timestamp;
use keytide_jose::jwk::JwkSet;

use crate::{Error, Ring, Span};

/// What `/.well-known/jwks.json` serves: made once for an epoch, identical on every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSet {
    /// The JWK Set (RFC 7517 §5): active key first, then the next one, then those that retire.
    pub body: Vec<u8>,
    /// A strong entity tag with its quotes: the epoch and a digest of the body.
    pub etag: String,
    /// The `Cache-Control` value.
    pub cache_control: String,
}

impl PublishedSet {
    /// Makes the set of an asymmetric ring.
    ///
    /// # Errors
    /// `symmetric_ring`: a symmetric secret is never in a public set.
    pub(crate) fn of(ring: &Ring) -> Result<Self, Error> {
        let keys = ring.verifying().map(|key| {
            key.public.clone().ok_or_else(|| Error::SymmetricRing {
                ring: ring.name().clone(),
                algorithm: key.algorithm,
            })
        });
        let body = JwkSet::new(keys.collect::<Result<Vec<_>, _>>()?)?.to_json();
        let digest = keytide_jose::digest::sha256(&body);
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            etag: format!("\"{}-{digest}\"", ring.epoch()),
            cache_control: cacheable_for(ring.policy().max_age().as_secs()),
            body,
        })
    }
}

/// For how long the set may be cached from `now` on: until the next planned removal of a key, so
/// that it is gone from caches soon after it left the set, and never for longer than `max-age`.
///
/// What is overdue waits for more than time; then `max-age` stands, as it does where no key retires.
pub(crate) fn cache_control(ring: &Ring, now: Timestamp) -> String {
    let max_age = ring.policy().max_age().as_secs();
    let leaving = ring.past().iter().filter_map(|key| ring.removable_at(key));
    let seconds = leaving
        .filter(|at| now < TURNS_WITHIN.after(*at))
        .map(|at| Span::between(now, at).as_secs())
        .min();
    cacheable_for(seconds.unwrap_or(max_age).clamp(1, max_age.max(1)).min(max_age))
}

/// A removal follows its instant by the time until somebody turns the ring.
const TURNS_WITHIN: Span = Span::from_secs(2);

fn cacheable_for(seconds: u64) -> String {
    format!("public, max-age={seconds}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::{Command, FreshKey, When, apply, create};
    use crate::{Actor, Epoch, Evidence, Policy};

    fn key(kid: &str) -> FreshKey {
        FreshKey {
            kid: kid.parse().unwrap(),
            algorithm: keytide_jose::Algorithm::ES256,
            public: None,
            is_brought: false,
        }
    }

    /// A ring whose first key retires from minute 10 on.
    fn retiring(policy: &str) -> Ring {
        let policy: Policy = serde_json::from_str(policy).unwrap();
        let name = "a.b".parse().unwrap();
        let actor = Actor::schedule();
        let keys = [key("k1"), key("k2")];
        let ring = create(name, policy, Epoch::new(1), keys, &actor, Timestamp::UNIX_EPOCH).ring;
        let rotate = Command::Activate { kid: None, when: When::IfSafe, reason: None };
        let (fresh, at) = (Some(key("k3")), Span::from_secs(600).after(Timestamp::UNIX_EPOCH));
        let none = Evidence::default();
        apply(&ring, &none, &rotate, fresh, &actor, at).unwrap().unwrap().ring
    }

    #[test]
    fn max_age_shrinks_to_the_next_planned_removal_and_is_itself_again_after_it() {
        // The overlap is 10 s + 10 m + 1 m + 10 s, from minute 10 on.
        let ring = retiring(r#"{"algorithm":"ES256","token_ttl":"10m"}"#);
        let leaves = ring.removable_at(&ring.past()[0]).unwrap();
        assert_eq!(leaves.as_millisecond(), (600 + 680) * 1_000 + 1);
        let max_age = |secs: u32| {
            let text = cache_control(&ring, Span::from_secs(secs).after(Timestamp::UNIX_EPOCH));
            text.strip_prefix("public, max-age=").unwrap().parse::<u64>().unwrap()
        };
        assert_eq!(max_age(600), 300);
        assert_eq!(max_age(980), 300);
        assert_eq!(max_age(981), 299);
        assert_eq!(max_age(1_279), 1);
        assert_eq!(max_age(1_280), 1, "not 0: a cache must not ask with every token");
        assert_eq!(max_age(1_281), 1, "it leaves with the next turn");
        assert_eq!(max_age(1_283), 300, "it waits for somebody");
    }

    #[test]
    fn a_max_age_of_nothing_stays_nothing() {
        let ring = retiring(r#"{"algorithm":"ES256","token_ttl":"10m","max_age":"0s"}"#);
        assert_eq!(cache_control(&ring, ring.created_at()), "public, max-age=0");
    }
}
