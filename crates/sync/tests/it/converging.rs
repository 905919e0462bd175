//! Rounds against a place that fails in every way, in any order: convergence is claimed only where it is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use keytide_jose::{Secret, SystemRng};
use keytide_sync::{
    Common, Document, Drift, Error, Held, Names, Outcome, Round, Span, Standing, Target, Version,
};
use proptest::prelude::*;

use crate::scene::{converge, document, document_named, round, run, texts};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Down,
    Throttled,
    /// The write is taken and nothing is written.
    Loses,
    /// It is written and the answer is lost.
    Unanswered,
    /// Half of it is written.
    Torn,
    /// What is read is as it was before the last write.
    Stale,
    /// Somebody changes a text before the request arrives.
    EditedBefore,
    /// Somebody deletes it before the request arrives.
    DeletedBefore,
}

/// A place in memory, with its history, which meets the faults it is given in their order.
#[derive(Default)]
struct Memory(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    history: Vec<Option<BTreeMap<String, String>>>,
    faults: Vec<Fault>,
    /// Whether the last change is that of a write, so that a stale read is one of a slow replica.
    last_is_ours: bool,
    writes: usize,
}

impl Kept {
    fn now(&self) -> Option<&BTreeMap<String, String>> {
        self.history.last().and_then(Option::as_ref)
    }

    fn version(&self) -> Version {
        Version(self.history.len().to_string())
    }

    fn change(&mut self, texts: Option<BTreeMap<String, String>>, is_ours: bool) {
        self.history.push(texts);
        self.last_is_ours = is_ours;
    }

    fn meet(&mut self) -> Result<Fault, Error> {
        let fault = self.faults.pop().unwrap_or(Fault::None);
        let place = "memory".to_owned();
        match fault {
            Fault::Down => Err(Error::Unreachable { place, why: "it is down".into() }),
            Fault::Throttled => Err(Error::Throttled { place, retry_after: None }),
            Fault::EditedBefore => {
                if let Some(mut texts) = self.now().cloned() {
                    texts.insert("JWT_SECRET".into(), "edited".into());
                    self.change(Some(texts), false);
                }
                Ok(fault)
            }
            Fault::DeletedBefore => {
                self.change(None, false);
                Ok(fault)
            }
            _ => Ok(fault),
        }
    }
}

#[async_trait]
impl Target for Memory {
    fn place(&self) -> String {
        "memory".into()
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        let mut kept = self.0.lock().unwrap();
        let fault = kept.meet()?;
        let back = usize::from(fault == Fault::Stale && kept.last_is_ours);
        let at = kept.history.len().saturating_sub(1 + back);
        let found = kept.history.get(at).cloned().flatten();
        Ok(found.map(|texts| {
            let secret = |(name, text): (String, String)| (name, Secret::new(text.into_bytes()));
            let content = Document::read(texts.into_iter().map(secret).collect());
            Held { content, version: Version((at + 1).to_string()) }
        }))
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let mut kept = self.0.lock().unwrap();
        let fault = kept.meet()?;
        let there = kept.now().map(|_| kept.version());
        if there.as_ref() != over {
            return Err(Error::Changed { place: self.place(), why: "it is another".into() });
        }
        kept.writes += 1;
        let mut texts = texts(document);
        match fault {
            Fault::Loses => return Ok(()),
            Fault::Torn => {
                let half = texts.len() / 2;
                texts = texts.into_iter().take(half).collect();
            }
            _ => {}
        }
        kept.change(Some(texts), true);
        if fault == Fault::Unanswered {
            return Err(Error::Unreachable { place: self.place(), why: "no answer".into() });
        }
        Ok(())
    }

    async fn delete(&self) -> Result<(), Error> {
        self.0.lock().unwrap().change(None, true);
        Ok(())
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    use Fault::{DeletedBefore, Down, EditedBefore, Loses, Stale, Throttled, Torn, Unanswered};
    prop_oneof![
        3 => Just(Fault::None), 1 => Just(Down), 1 => Just(Throttled), 1 => Just(Loses), 1 => Just(Unanswered),
        1 => Just(Torn), 1 => Just(Stale), 1 => Just(EditedBefore), 1 => Just(DeletedBefore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn convergence_is_claimed_only_where_the_place_holds_exactly_the_document(
        steps in proptest::collection::vec((0_u64..2, proptest::collection::vec(fault(), 0..4)), 1..12),
        reports in any::<bool>(),
    ) {
        let memory = Memory::default();
        let mut epoch = 1;
        for (further, faults) in steps {
            epoch += further;
            memory.0.lock().unwrap().faults = faults;
            let wanted = document(epoch);
            let drift = if reports { Drift::Report } else { Drift::Mend };
            let round = Round { drift, may_adopt: true, ..round(&wanted) };
            let outcome = run(keytide_sync::converge(&memory, round));
            let kept = memory.0.lock().unwrap();
            if outcome.is_converged() {
                let expected = texts(&wanted);
                prop_assert_eq!(kept.now(), Some(&expected), "{:?}", outcome);
            }
            // Whatever happened, no epoch was taken back.
            let epochs: Vec<u64> = kept.history.iter().flatten()
                .filter_map(|texts| texts.get("KEYTIDE_EPOCH")?.parse().ok()).collect();
            prop_assert!(epochs.is_sorted(), "{:?}", epochs);
        }
        memory.0.lock().unwrap().faults.clear();
        let wanted = document(epoch);
        let round = Round { may_adopt: true, ..round(&wanted) };
        prop_assert!(run(keytide_sync::converge(&memory, round)).is_converged(), "it heals in one round");
    }
}

#[test]
fn a_place_that_is_right_is_not_written_to() {
    let memory = Memory::default();
    for _ in 0..5 {
        assert!(converge(&memory, &document(1)).is_converged());
    }
    assert_eq!(memory.0.lock().unwrap().writes, 1);
}

#[test]
fn a_write_that_is_lost_is_behind_and_is_not_taken_for_an_arrival() {
    let memory = Memory::default();
    assert!(converge(&memory, &document(1)).is_converged());
    memory.0.lock().unwrap().faults = vec![Fault::Loses, Fault::None];
    let outcome = converge(&memory, &document(2));
    assert!(
        matches!(outcome, Outcome::Behind { found: Some(epoch) } if epoch.get() == 1),
        "{outcome:?}"
    );
}

#[test]
fn a_pace_that_is_used_up_forbids_the_write_and_not_the_look() {
    let memory = Memory::default();
    let wanted = document(1);
    let slow = Round { no_write_for: Span::from_secs(90), ..round(&wanted) };
    let outcome = run(keytide_sync::converge(&memory, slow));
    let Outcome::Failed(error) = outcome else { panic!("{outcome:?}") };
    assert!(error.to_string().contains("90 s"), "{error}");
    assert!(memory.0.lock().unwrap().history.is_empty());
    assert!(converge(&memory, &wanted).is_converged());
    assert!(matches!(run(keytide_sync::converge(&memory, slow)), Outcome::Converged));
}

#[test]
fn another_whole_set_under_the_same_epoch_is_drift() {
    let memory = Memory::default();
    let names = Names { secret: "OTHER".into(), ..Names::default() };
    let other = document_named("billing.production", 1, &names);
    memory.0.lock().unwrap().change(Some(texts(&other)), false);
    let wanted = document(1);
    let left = Round { drift: Drift::Report, ..round(&wanted) };
    let outcome = run(keytide_sync::converge(&memory, left));
    assert!(matches!(outcome, Outcome::Drifted { mended: false, .. }), "{outcome:?}");
    assert!(converge(&memory, &wanted).is_converged());
}

/// As a process does it that keeps the standing and nothing else.
#[test]
fn a_first_write_that_is_torn_heals_by_itself_and_drift_that_is_left_stays_drift() {
    let (memory, common) = (Memory::default(), Common::default());
    let (wanted, now) = (document(1), "2026-01-01T00:00:00Z".parse().unwrap());
    let mut standing = Standing::default();
    let mut step = |faults: &[Fault], common: &Common| {
        memory.0.lock().unwrap().faults = faults.to_vec();
        let pace = memory.pace();
        let round = standing.round(&wanted, common, pace, now);
        let outcome = run(keytide_sync::converge(&memory, round));
        standing = standing.after(&outcome, wanted.epoch(), now, pace, &mut SystemRng).unwrap();
        standing.clone()
    };
    assert_eq!(step(&[Fault::Torn, Fault::None], &common).attempts[0].result, "not_converged");
    assert!(step(&[], &common).holds(wanted.epoch()));
    let reports = Common { drift: Drift::Report, ..common.clone() };
    for _ in 0..3 {
        let standing = step(&[Fault::EditedBefore], &reports);
        assert_eq!(standing.attempts[0].result, "drifted");
        assert!(!standing.holds(wanted.epoch()));
    }
    assert!(step(&[], &common).holds(wanted.epoch()));
}
