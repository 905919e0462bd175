//! How consumers fetch: from nodes behind a load balancer, when what they hold is too old and at other times.

use std::collections::BTreeMap;
use std::sync::Arc;

use keytide_jose::Limits;
use keytide_jose::jwk::JwkSet;
use keytide_jose::key::KeySet;
use keytide_ring::RingName;

use crate::consumer::{Consumer, Fetched, Source};
use crate::course::{Course, Happening};
use crate::judge::{Broken, Judge};
use crate::node::Node;
use crate::world::{Chance, Ms, SECOND, Time};

impl Course {
    pub(crate) fn web(&mut self) -> (&mut Vec<Consumer>, Web<'_>) {
        let Self { consumers, nodes, time, chance, sets, judge, rings, settled_at, .. } = self;
        let web = Web {
            nodes,
            time,
            chance,
            sets,
            judge,
            name: &rings[0].name,
            settled_at: *settled_at,
            broken: None,
        };
        (consumers, web)
    }

    pub(crate) fn plan_fetch(&mut self, consumer: usize) {
        let now = self.now();
        let known = &self.consumers[consumer];
        let current =
            known.set(now).is_some_and(|set| set.epoch == self.rings[0].ring.epoch().get());
        if let Some(at) = known.expires_at().filter(|_| !current && known.running) {
            self.at(at.max(now + 1), Happening::Fetch(consumer));
        }
    }

    pub(crate) fn fetch(&mut self, number: usize, how: Fetching) -> Result<(), Broken> {
        let now = self.now();
        if !self.consumers[number].running {
            return Ok(());
        }
        if how == Fetching::WhenTooOld {
            if self.chance.once_in(2) {
                // It thinks that there is time left.
                self.consumers[number].error = -self.off;
            }
            if self.consumers[number].set(now).is_some() {
                self.judge_consumer(number)?;
                self.plan_fetch(number);
                return Ok(());
            }
        }
        self.judge_consumer(number)?;
        if self.chance.once_in(3) {
            self.consumers[number].error = self.off;
        }
        let (consumers, mut web) = self.web();
        let consumer = &mut consumers[number];
        let fetched = match how {
            Fetching::WhenTooOld => consumer.fetch(now, &mut web),
            Fetching::Anew => consumer.restart(now, &mut web),
            Fetching::ForAStrangeKey => {
                consumer.meet_unknown_key(now, &mut web);
                true
            }
        };
        if let Some(broken) = web.broken {
            return Err(broken);
        }
        if !fetched {
            // It cannot verify anything until it can fetch.
            let again = self.consumers[number].cut_until.max(now + 30 * SECOND);
            self.at(again, Happening::Fetch(number));
            return Ok(());
        }
        self.judge_consumer(number)?;
        self.plan_fetch(number);
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetching {
    WhenTooOld,
    Anew,
    ForAStrangeKey,
}

/// The nodes behind their load balancer, as a consumer sees them.
pub(crate) struct Web<'a> {
    nodes: &'a mut Vec<Node>,
    time: &'a Time,
    chance: &'a mut Chance,
    sets: &'a mut BTreeMap<String, Arc<Fetched>>,
    judge: &'a mut Judge,
    name: &'a RingName,
    settled_at: Ms,
    pub(crate) broken: Option<Broken>,
}

impl Source for Web<'_> {
    fn fetch(&mut self) -> Option<Arc<Fetched>> {
        let first = self.chance.index(self.nodes.len());
        for n in 0..self.nodes.len() {
            let at = (first + n) % self.nodes.len();
            let ago = self.chance.between(0, SECOND - 1);
            self.nodes[at].catch_up(self.time, self.settled_at, ago);
            let Some(keeper) = self.nodes[at].keeper() else { continue };
            let Ok(set) = keeper.published(self.name) else { continue };
            let snapshot = keeper.loaded(self.name)?;
            let ring = snapshot.ring();
            let tag = Some(set.etag.clone());
            if let Err(broken) = self.judge.saw(0, ring.epoch().get(), &ring.active().kid, tag) {
                self.broken = Some(broken);
            }
            if let Some(known) = self.sets.get(&set.etag) {
                return Some(Arc::clone(known));
            }
            let jwks = JwkSet::parse(&set.body, &Limits::default()).expect("a published set");
            let algorithms: Vec<_> = ring.verifying().map(|key| key.algorithm).collect();
            let seconds: Option<Ms> =
                set.cache_control.rsplit('=').next().and_then(|text| text.parse().ok());
            let fetched = Arc::new(Fetched {
                epoch: ring.epoch().get(),
                kids: jwks.keys().iter().filter_map(|key| key.key_id().cloned()).collect(),
                keys: KeySet::from_jwks(&jwks, &algorithms).expect("a published set"),
                max_age: seconds.expect("a max-age") * SECOND,
            });
            self.sets.insert(set.etag, Arc::clone(&fetched));
            return Some(fetched);
        }
        None
    }

    fn draw(&mut self, low: Ms, high: Ms) -> Ms {
        self.chance.between(low, high)
    }
}
