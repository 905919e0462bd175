//! Rings under a clock that is turned by hand, for the tests of pictures.

use std::sync::Arc;

use jiff::SignedDuration;
use keytide_jose::Rng;
use keytide_ring::explain::Explanation;
use keytide_ring::{
    Actor, CheckIn, Clock, Command, Epoch, Keeper, KeeperConfig, ManualClock, MemoryStore, Policy,
    PolicySpec, RingName, Span,
};

/// Bytes that are the same in every run.
struct Counted(u64);

impl Rng for Counted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), keytide_jose::Error> {
        for byte in out {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
        Ok(())
    }
}

/// A ring under a clock that is turned by hand.
pub(super) struct Scene {
    clock: Arc<ManualClock>,
    keeper: Keeper,
    name: RingName,
}

impl Scene {
    pub(super) fn new(policy: &str) -> Self {
        let clock = Arc::new(ManualClock::new("2026-03-01T12:00:00Z".parse().unwrap()));
        let seed = std::sync::atomic::AtomicU64::new(1);
        let rng = Box::new(move || -> Box<dyn Rng> {
            Box::new(Counted(seed.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
        });
        let config = KeeperConfig {
            store: Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>)),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            rng,
        };
        let keeper = Keeper::new(config).unwrap();
        let name: RingName = "shop.production".parse().unwrap();
        let policy: PolicySpec = serde_json::from_str(policy).unwrap();
        keeper.create(&name, Policy::new(policy).unwrap(), &Actor::local("test")).unwrap();
        Self { clock, keeper, name }
    }

    /// Lets time pass in steps, and turns the ring after each.
    pub(super) fn pass(&self, steps: usize, step: &str) {
        let step: Span = step.parse().unwrap();
        for _ in 0..steps {
            self.clock
                .advance(SignedDuration::from_millis(i64::try_from(step.as_millis()).unwrap()));
            self.keeper.command(&self.name, Command::Turn, &Actor::schedule()).unwrap();
        }
    }

    pub(super) fn revoke_active(&self) {
        let kid = self.keeper.snapshot(&self.name).unwrap().ring().active().kid.clone();
        let revoke = Command::Revoke { kid, reason: None };
        self.keeper.command(&self.name, revoke, &Actor::local("test")).unwrap();
    }

    /// An instance says what it works with.
    pub(super) fn hear_of(&self, consumer: &str, instance: &str, epoch: u64) {
        let said = CheckIn {
            consumer: consumer.to_owned(),
            instance: instance.to_owned(),
            epoch: Some(Epoch::new(epoch)),
        };
        self.keeper.check_in(&self.name, &said).unwrap();
    }

    pub(super) fn explain(&self) -> Explanation {
        self.keeper.explain(&self.name).unwrap()
    }
}
