//! What the ring crate promises, in sentences.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod changes;
mod explain;
mod keeper;
mod rules;
mod targets;
mod timeline;
mod words;

use keytide_jose::Algorithm;
use keytide_ring::{Actor, FreshKey, Policy, PolicySpec, Ring, RingName, apply};

/// A key that only the rules see: no cryptography is needed to decide.
fn paper_key(number: usize) -> FreshKey {
    FreshKey {
        kid: format!("k{number}").parse().unwrap(),
        algorithm: Algorithm::HS256,
        public: None,
        is_brought: false,
    }
}

fn name() -> RingName {
    "billing.test".parse().unwrap()
}

fn operator() -> Actor {
    Actor::local("operator")
}

fn policy(json: &str) -> Policy {
    Policy::new(serde_json::from_str::<PolicySpec>(json).unwrap()).unwrap()
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A ring with paper keys k0 (active) and k1 (published).
fn ring(policy: Policy, now: jiff::Timestamp) -> Ring {
    let epoch = keytide_ring::Epoch::new(1);
    apply::create(name(), policy, epoch, [paper_key(0), paper_key(1)], &operator(), now).ring
}
