//! What is shown of a ring and of a change to it: the same over HTTP and on the command line.

use jiff::Timestamp;
use keytide_jose::KeyId;
use serde::{Deserialize, Serialize};

use crate::explain::{Explanation, KeyLife};
use crate::{
    Actor, Changes, Epoch, Evidence, FreshKey, Outcome, Policy, PolicySpec, Ring, RingName, apply,
    plan,
};

/// A ring without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RingView {
    /// Its name.
    pub name: RingName,
    /// Its version.
    pub epoch: Epoch,
    /// When it was made.
    pub created_at: Timestamp,
    /// When time will change it next.
    pub next_due: Timestamp,
    /// Its rules, defaults filled in.
    pub policy: PolicySpec,
    /// Every key: active, published, then the past, newest first.
    pub keys: Vec<KeyLife>,
}

impl RingView {
    /// Shows `ring`.
    pub fn of(ring: &Ring) -> Self {
        Self {
            name: ring.name().clone(),
            epoch: ring.epoch(),
            created_at: ring.created_at(),
            next_due: plan::next_due(ring, &Evidence::default(), ring.created_at()),
            policy: ring.policy().spec().clone(),
            keys: ring.keys().map(|key| KeyLife::of(ring, key)).collect(),
        }
    }
}

/// What a command did to a ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Which ring.
    pub ring: RingName,
    /// Its version now.
    pub epoch: Epoch,
    /// The key that signs now.
    pub signs: KeyId,
    /// Whether it was only tried: nothing changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// What changed.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the ring would do from then on, where the command was only tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<Box<Explanation>>,
}

impl Changed {
    /// What `outcome` made of `ring`.
    pub fn of(ring: &Ring, outcome: Outcome) -> Self {
        Self {
            ring: ring.name().clone(),
            epoch: ring.epoch(),
            signs: ring.active().kid.clone(),
            dry_run: false,
            outcome,
            explain: None,
        }
    }

    /// What making a ring by `policy` at `now` would come to.
    pub fn to_be_made(name: RingName, policy: Policy, now: Timestamp) -> Self {
        let key = |kid: &str| FreshKey {
            kid: kid.parse().expect("it is short and printable"),
            algorithm: policy.algorithm(),
            public: None,
            is_brought: false,
        };
        let keys = [key("(first)"), key("(second)")];
        let Changes { ring, outcome, .. } =
            apply::create(name, policy, Epoch::new(1), keys, &Actor::schedule(), now);
        let explain = Some(Box::new(Explanation::of(&ring, &Evidence::default(), now)));
        Self { dry_run: true, explain, ..Self::of(&ring, outcome) }
    }
}
