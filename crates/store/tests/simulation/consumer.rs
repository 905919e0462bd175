//! A verifier that fetches the public set and caches it, exactly as slowly as its profile allows.

use std::collections::BTreeSet;
use std::sync::Arc;

use keytide_jose::KeyId;
use keytide_jose::key::KeySet;
use keytide_ring::ConsumerSpec;

use crate::world::{DAY, HOUR, MINUTE, Ms, SECOND};

/// A public set as it was fetched.
pub(crate) struct Fetched {
    pub(crate) epoch: u64,
    pub(crate) kids: BTreeSet<KeyId>,
    pub(crate) keys: KeySet,
    /// What its `Cache-Control` permits.
    pub(crate) max_age: Ms,
}

/// For how long one cache keeps a set.
#[derive(Clone, Copy)]
enum Keeps {
    For(Ms, Ms),
    MaxAge,
}

/// A kind of consumer: how it is declared, and how its caches behave.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    spec: &'static str,
    /// From the one next to the nodes to the library's own.
    caches: &'static [Keeps],
    /// How often at most it fetches for a key that it does not know.
    refetch: Option<Ms>,
}

const KINDS: &[Kind] = &[
    Kind { name: "go-oidc", spec: r#""go-oidc""#, caches: &[Keeps::MaxAge], refetch: Some(0) },
    Kind { name: "hasura", spec: r#""hasura""#, caches: &[Keeps::MaxAge], refetch: None },
    Kind {
        name: "pyjwt",
        spec: r#""pyjwt""#,
        caches: &[Keeps::For(5 * MINUTE, 5 * MINUTE)],
        refetch: Some(0),
    },
    Kind {
        name: "jose",
        spec: r#""jose""#,
        caches: &[Keeps::For(10 * MINUTE, 10 * MINUTE)],
        refetch: Some(30 * SECOND),
    },
    Kind {
        name: "jwks-rsa",
        spec: r#""jwks-rsa""#,
        caches: &[Keeps::For(10 * MINUTE, 10 * MINUTE)],
        refetch: Some(6 * SECOND),
    },
    Kind {
        name: "istio",
        spec: r#""istio""#,
        caches: &[Keeps::For(20 * MINUTE, 20 * MINUTE)],
        refetch: None,
    },
    Kind {
        name: "aws-http-api",
        spec: r#""aws-http-api""#,
        caches: &[Keeps::For(MINUTE, 2 * HOUR)],
        refetch: None,
    },
    Kind {
        name: "microsoft-identitymodel",
        spec: r#""microsoft-identitymodel""#,
        caches: &[Keeps::For(12 * HOUR, DAY)],
        refetch: Some(5 * MINUTE),
    },
    Kind {
        name: "edge",
        spec: r#"{"name":"edge","profile":"jose","layers":[{"name":"cdn","hold":"1h"}]}"#,
        caches: &[Keeps::For(HOUR, HOUR), Keeps::For(10 * MINUTE, 10 * MINUTE)],
        refetch: Some(30 * SECOND),
    },
];

/// Every kind that caches.
pub(crate) fn kinds() -> &'static [Kind] {
    KINDS
}

impl Kind {
    /// As it stands in a policy.
    pub(crate) fn spec(&self) -> ConsumerSpec {
        serde_json::from_str(self.spec).expect("a consumer's declaration")
    }
}

/// How a consumer breaks its word, to prove that the judge sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It keeps a set for three times as long as it was declared.
    HoldsLonger,
    /// It never forgets a key.
    ForgetsNothing,
    /// Clocks are off by twice as much as the policy says.
    ClocksFurtherOff,
}

struct Held {
    set: Arc<Fetched>,
    /// By its own clock.
    fetched_at: Ms,
    keeps: Ms,
}

/// One consumer: its caches, one behind the other, by one clock.
pub(crate) struct Consumer {
    pub(crate) kind: &'static Kind,
    caches: Vec<Option<Held>>,
    /// By how much its clock is off.
    pub(crate) error: Ms,
    refetched_at: Ms,
    /// It cannot fetch before this.
    pub(crate) cut_until: Ms,
    /// Whether it still verifies.
    pub(crate) running: bool,
    flaw: Option<Flaw>,
    /// What it should have forgotten.
    unforgotten: BTreeSet<KeyId>,
}

/// What a consumer needs of the world to fetch.
pub(crate) trait Source {
    /// What a node answers, if one does.
    fn fetch(&mut self) -> Option<Arc<Fetched>>;

    /// A length of time within these bounds.
    fn draw(&mut self, low: Ms, high: Ms) -> Ms;
}

impl Consumer {
    pub(crate) fn new(kind: &'static Kind, flaw: Option<Flaw>) -> Self {
        Self {
            kind,
            caches: kind.caches.iter().map(|_| None).collect(),
            error: 0,
            refetched_at: -DAY,
            cut_until: 0,
            running: true,
            flaw,
            unforgotten: BTreeSet::new(),
        }
    }

    /// The set that it verifies with at `now`; none when that is too old, and it would have to fetch.
    pub(crate) fn set(&self, now: Ms) -> Option<&Arc<Fetched>> {
        self.held(self.caches.len() - 1, now).map(|held| &held.set)
    }

    /// Keys that it trusts beside those of its set.
    pub(crate) fn unforgotten(&self) -> &BTreeSet<KeyId> {
        &self.unforgotten
    }

    fn held(&self, cache: usize, now: Ms) -> Option<&Held> {
        let held = self.caches[cache].as_ref()?;
        (now + self.error < held.fetched_at + held.keeps && self.running).then_some(held)
    }

    /// When what it holds will be too old, if its clock stays as it is.
    pub(crate) fn expires_at(&self) -> Option<Ms> {
        let held = self.caches.last()?.as_ref()?;
        Some(held.fetched_at + held.keeps - self.error)
    }

    /// Gets a set as it does when what it holds is too old, at `now`: each cache asks the one behind it.
    pub(crate) fn fetch(&mut self, now: Ms, source: &mut impl Source) -> bool {
        let from = (0..self.caches.len()).rev().find(|cache| self.held(*cache, now).is_some());
        let mut set = match from {
            Some(cache) => self.caches[cache].as_ref().map(|held| Arc::clone(&held.set)),
            None if now < self.cut_until => None,
            None => source.fetch(),
        };
        for cache in from.map_or(0, |cache| cache + 1)..self.caches.len() {
            set = set.map(|set| self.keep(cache, set, now, source));
        }
        set.is_some()
    }

    /// Begins anew: what its own process held is gone.
    pub(crate) fn restart(&mut self, now: Ms, source: &mut impl Source) -> bool {
        *self.caches.last_mut().expect("it has a cache") = None;
        self.fetch(now, source)
    }

    /// Fetches for a key that it does not know, where it does so at all.
    pub(crate) fn meet_unknown_key(&mut self, now: Ms, source: &mut impl Source) {
        let Some(pause) = self.kind.refetch else { return };
        if now >= self.refetched_at + pause && now >= self.cut_until && self.running {
            self.refetched_at = now;
            let last = self.caches.len() - 1;
            let before = self.caches[last].take();
            if !self.fetch(now, source) {
                self.caches[last] = before;
            }
        }
    }

    fn keep(
        &mut self,
        cache: usize,
        set: Arc<Fetched>,
        now: Ms,
        source: &mut impl Source,
    ) -> Arc<Fetched> {
        let mut keeps = match self.kind.caches[cache] {
            Keeps::MaxAge => set.max_age,
            Keeps::For(low, high) if source.draw(0, 1) == 0 => source.draw(low, high),
            Keeps::For(_, high) => high,
        };
        if self.flaw == Some(Flaw::HoldsLonger) {
            keeps *= 3;
        }
        if self.flaw == Some(Flaw::ForgetsNothing) {
            self.unforgotten.extend(set.kids.iter().cloned());
        }
        let fetched_at = now + self.error;
        self.caches[cache] = Some(Held { set: Arc::clone(&set), fetched_at, keeps });
        set
    }

    /// Moves what was fetched to when it would last have been, had everybody gone on as ever until `now`
    /// while nothing changed: each cache fetched for the last time within its hold.
    pub(crate) fn go_on(&mut self, now: Ms, epoch: u64, source: &mut impl Source) {
        for cache in 0..self.caches.len() {
            if self.held(cache, now).is_some() {
                continue;
            }
            let error = self.error;
            let Some(held) = &mut self.caches[cache] else { continue };
            if held.set.epoch != epoch {
                continue;
            }
            let expired = held.fetched_at + held.keeps - error;
            // Often just before something happens, which is when it matters most.
            let ago = if source.draw(0, 2) == 0 {
                source.draw(0, SECOND)
            } else {
                source.draw(0, held.keeps - 1)
            };
            held.fetched_at = (now - ago).max(expired) + error;
        }
    }
}
