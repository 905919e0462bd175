//! Over arbitrary histories: no verifier that is as slow as it may be ever lacks a key that it needs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use keytide_ring::apply::apply;
use keytide_ring::{Command, Evidence, Policy, PolicySpec, Ring, Span, When, plan};
use proptest::prelude::*;

use crate::{operator, paper_key, ring};

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    WaitForNextDue,
    WaitForSafety,
    Turn,
    Rotate,
    RevokeOld,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..200_000_u64).prop_map(Act::Wait),
        Just(Act::WaitForNextDue),
        Just(Act::WaitForSafety),
        Just(Act::Turn),
        Just(Act::Rotate),
        Just(Act::RevokeOld),
    ]
}

fn arbitrary_policy() -> impl Strategy<Value = Policy> {
    let lag = |most: u64| (2_000..2_000 + most).prop_map(Span::from_millis);
    let millis = |most: u64| (0..most).prop_map(Span::from_millis);
    (
        (1_000..40_000_u64).prop_map(Span::from_millis),
        (lag(5_000), millis(1_000), lag(2_000), millis(3_000)),
        millis(30_000),
        millis(120_000),
        proptest::option::of(millis(20_000)),
    )
        .prop_filter_map(
            "terms that cannot hold",
            |(ttl, (p, e, f, s), hold, period, extra)| {
                let json = serde_json::json!({
                    "algorithm": "HS256", "token_ttl": ttl, "propagation": p, "clock_error": e,
                    "signer_lag": f, "leeway": s, "rotate_every": period, "rollback_window": "30s",
                    "consumers": [{"name": "slow", "hold": hold}],
                });
                let mut spec: PolicySpec = serde_json::from_value(json).unwrap();
                spec.lead = extra.map(|extra| extra + p + hold + e.twice());
                Policy::new(spec).ok()
            },
        )
}

/// What was true from an instant on, until the next entry.
struct Witness {
    sets: Vec<(Timestamp, BTreeSet<String>)>,
    /// Key, first and last instant at which a signer may use it.
    signing: Vec<(String, Timestamp, Option<Timestamp>)>,
}

impl Witness {
    fn see(&mut self, ring: &Ring, now: Timestamp) {
        let set = ring.verifying().map(|key| key.kid.to_string()).collect();
        self.sets.push((now, set));
        let active = ring.active().kid.to_string();
        match self.signing.last_mut() {
            Some((kid, ..)) if *kid == active => {}
            last => {
                if let Some((_, _, end)) = last {
                    *end = Some(now);
                }
                self.signing.push((active, now, None));
            }
        }
    }

    /// Every set that somebody may still use between two instants.
    fn sets_in_use(
        &self,
        from: Timestamp,
        to: Timestamp,
        stale: Span,
    ) -> impl Iterator<Item = &BTreeSet<String>> {
        let since = from - stale.signed();
        self.sets.iter().enumerate().filter_map(move |(n, (began, set))| {
            let ended = self.sets.get(n + 1).map(|(next, _)| *next);
            (*began <= to && ended.is_none_or(|ended| ended >= since)).then_some(set)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_key_is_known_everywhere_from_its_first_signature_to_the_end_of_its_last_token(
        policy in arbitrary_policy(),
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut now = start;
        let mut ring = ring(policy.clone(), now);
        let mut witness = Witness { sets: Vec::new(), signing: Vec::new() };
        witness.see(&ring, now);
        let mut made = 1;

        for act in acts {
            let command = match act {
                Act::Wait(millis) => {
                    now += SignedDuration::from_millis(i64::try_from(millis).unwrap());
                    continue;
                }
                Act::WaitForNextDue => {
                    now = now.max(plan::next_due(&ring, &Evidence::default(), ring.created_at()));
                    continue;
                }
                Act::WaitForSafety => {
                    now = now.max(plan::activation(&ring, &Evidence::default(), ring.created_at()).at);
                    continue;
                }
                Act::Turn => Command::Turn,
                Act::Rotate => Command::Activate { kid: None, when: When::IfSafe, reason: None },
                // A key that is in no set any more: revoking it must disturb nothing.
                Act::RevokeOld => match ring.past().iter().find(|key| !key.state.verifies()) {
                    Some(key) => Command::Revoke { kid: key.kid.clone(), reason: None },
                    None => continue,
                },
            };
            made += 1;
            match apply(&ring, &Evidence::default(), &command, Some(paper_key(made)), &operator(), now) {
                Ok(Some(changes)) => {
                    prop_assert_eq!(changes.ring.epoch().get(), ring.epoch().get() + 1);
                    ring = changes.ring;
                    witness.see(&ring, now);
                }
                Ok(None) => {}
                Err(error) => prop_assert_eq!(error.code(), "activation_too_early"),
            }
        }

        let spec = policy.spec();
        let (hold, _) = policy.slowest_consumer();
        let stale = spec.propagation + hold;
        for (kid, first, last) in &witness.signing {
            // The first key has no verifier that fetched a set before it.
            let from = if *first == start { *first + stale.signed() } else { *first };
            let last_token_ends = last.map_or(now, |last| {
                (spec.signer_lag + spec.token_ttl + spec.leeway).after(last)
            });
            for set in witness.sets_in_use(from, last_token_ends, stale) {
                prop_assert!(set.contains(kid), "{kid} is missing from {set:?}");
            }
        }
        let most = witness.sets.iter().map(|(_, set)| set.len()).max().unwrap_or(0);
        prop_assert!(most >= 2);
    }
}
