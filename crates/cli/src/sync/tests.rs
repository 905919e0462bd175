//! Thousands of copies in a simulated while: within each kind's pace, all of them, and counted once they are there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::SignedDuration;
use keytide_jose::{Algorithm, Rng, Secret, SystemRng};
use keytide_ring::{
    Actor, Clock, Keeper, KeeperConfig, ManualClock, MemoryStore, Policy, PolicySpec, RingName,
    Span,
};
use keytide_server::{By, Copies, NewTarget};
use keytide_sync::{Common, Document, Error, Held, Target, Version};
use serde_json::{Map, json};

use super::settings::{Permitted, Settings};
use super::worker::Queue;
use super::{CHECK_EVERY, Copier, How, Remembered};

/// What every place holds, and how often it was written.
#[derive(Default)]
struct Places {
    held: Mutex<HashMap<String, Secret>>,
    writes: Mutex<usize>,
}

struct InMemory {
    name: String,
    places: Arc<Places>,
}

#[async_trait]
impl Target for InMemory {
    fn place(&self) -> String {
        self.name.clone()
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        let held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(held.get(&self.name).map(|json| Held {
            content: Document::from_json(json.expose()),
            version: Version(String::new()),
        }))
    }

    async fn write(&self, document: &Document, _over: Option<&Version>) -> Result<(), Error> {
        let mut held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(self.name.clone(), document.to_json());
        *self.places.writes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(())
    }

    async fn delete(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// `KEYTIDE_SYNC_RINGS` is how many there are: `KEYTIDE_SYNC_RINGS=10000 cargo test -p keytide --bin
/// keytide at_the_pace_of_their_kind`.
const RINGS: usize = 1_000;
/// Rounds that one second permits with the kind.
const RATE: usize = 25;
/// In seconds: a look at thousands takes long, and then rests.
const LOOKS_EVERY: usize = 15;

#[test]
fn a_thousand_copies_are_all_written_once_at_the_pace_of_their_kind() {
    all_are_written(CHECK_EVERY);
}

#[test]
fn copies_that_are_only_looked_at_again_hold_up_none_that_is_to_be_written() {
    all_are_written(Span::from_secs(5));
}

fn all_are_written(check_every: Span) {
    let count = std::env::var("KEYTIDE_SYNC_RINGS").map_or(RINGS, |rings| rings.parse().unwrap());
    let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let places = Arc::new(Places::default());
    let copier = Copier { check_every, ..copier(&clock, &places, "aws") };
    let actor = Actor::local("tester");
    let mut rings: Vec<RingName> = Vec::new();
    for ring in 0..count {
        let name: RingName = format!("r{ring}.test").parse().unwrap();
        let policy = Policy::new(PolicySpec::new(Algorithm::HS256)).unwrap();
        copier.keeper.create(&name, policy, &actor).unwrap();
        let settings = Secret::new(ring.to_string().into_bytes());
        let new = NewTarget { name: "copy".parse().unwrap(), settings, replace: false };
        copier.add(&name, new, By { actor: &actor, remote: None }).unwrap();
        rings.push(name);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut queue = Queue::default();
    let now = || copier.store().now().unwrap();
    let mut seconds = 0;
    let writes = || *places.writes.lock().unwrap();
    while writes() < count {
        let before = writes();
        if seconds % LOOKS_EVERY == 0 {
            queue.look(&copier).unwrap();
        }
        for target in queue.take(now(), usize::MAX) {
            let made = runtime.block_on(copier.round(target, How::BySelf));
            assert!(made.is_ok_and(|made| made.outcome.is_converged()));
        }
        assert!((1..=RATE).contains(&(writes() - before)), "in second {seconds}");
        clock.advance(SignedDuration::from_secs(1));
        seconds += 1;
    }
    assert_eq!(seconds, count.div_ceil(RATE));
    queue.look(&copier).unwrap();
    for target in queue.take(now(), usize::MAX) {
        assert!(runtime.block_on(copier.round(target, How::BySelf)).is_ok());
    }
    assert_eq!(writes(), count, "nothing is written twice");
    for name in rings {
        let epoch = copier.keeper.snapshot(&name).unwrap().ring().epoch();
        for view in copier.list(&name).unwrap() {
            let remembered: Remembered = serde_json::from_value(view.standing).unwrap();
            assert_eq!(remembered.acknowledged, Some(epoch));
        }
    }
}

/// A copier over places in memory, whose settings are a place's name and nothing else.
fn copier(clock: &Arc<ManualClock>, places: &Arc<Places>, kind: &'static str) -> Copier {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let rng = Box::new(|| -> Box<dyn Rng> { Box::new(SystemRng) });
    let keeper = Keeper::new(KeeperConfig { store, clock, rng }).expect("memory does not fail");
    let places = Arc::clone(places);
    let open = move |settings: &Secret| {
        let name = String::from_utf8(settings.expose().to_vec()).expect("it is a name");
        let shown = Map::from_iter([("kind".to_owned(), json!(kind))]);
        let target = Box::new(InMemory { name, places: Arc::clone(&places) });
        Ok(Settings { target, common: Common::default(), shown })
    };
    let permitted = Permitted::default();
    Copier { keeper: Arc::new(keeper), open: Box::new(open), permitted, check_every: CHECK_EVERY }
}
