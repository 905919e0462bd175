//! What every target promises, stated once and run against each kind.
//!
//! A kind takes part by a [`Setting`]: a place of its own, and what somebody else does there.

use std::collections::BTreeMap;
use std::time::Duration;

use keytide_sync::{Content, Drift, Error, Outcome, Target, converge as converge_once, withdraw};

use crate::scene::{MARK, converge, document, document_of, holds, round, run, texts};

/// A place of one kind, empty of copies when it is made.
pub(crate) trait Setting {
    /// A target for the place. Each call may give another one for the same place.
    fn target(&self) -> Box<dyn Target>;

    /// Somebody writes one text under a name there, by hand, as they would.
    fn edit(&self, name: &str, text: &str);

    /// Whether there can be anything else in the place.
    fn has_others(&self) -> bool;

    /// What else is in the place, with what tells a change of it.
    fn others(&self) -> String;

    /// Switches a fault on, or off with `None`. `false` when this kind cannot have it.
    fn fault(&self, fault: Option<&str>) -> bool;
}

/// Runs every promise, each in a place of its own. `make` says `None` where the kind cannot be run.
pub(crate) fn promises(make: &dyn Fn() -> Option<Box<dyn Setting>>) {
    for (name, promise) in PROMISES {
        let Some(setting) = make() else { return };
        println!("promise: {name}");
        promise(setting.as_ref());
    }
}

type Promise = fn(&dyn Setting);

const PROMISES: &[(&str, Promise)] = &[
    ("what is written is read back", what_is_written_is_read_back),
    ("a write goes over what it names and nothing else", a_write_goes_over_what_it_names),
    ("a copy that somebody edited is foreign", an_edited_copy_is_foreign),
    ("somebody's own value is left alone", somebodys_own_value_is_left_alone),
    ("another ring's copy is left alone", another_rings_copy_is_left_alone),
    ("a newer copy is left alone", a_newer_copy_is_left_alone),
    ("what else is in the place stays", what_else_is_there_stays),
    ("only the ring's own copy is withdrawn", only_the_rings_own_copy_is_withdrawn),
    ("a deleted copy is gone and can come again", a_deleted_copy_can_come_again),
    ("no fault is taken for convergence", no_fault_is_taken_for_convergence),
    ("a lost answer does no harm", a_lost_answer_does_no_harm),
    ("the place itself compares", the_place_itself_compares),
    ("a round that is dropped on its way leaves a whole copy", a_dropped_round_leaves_a_whole_copy),
];

fn what_is_written_is_read_back(setting: &dyn Setting) {
    let target = setting.target();
    assert!(run(target.read()).unwrap().is_none());
    for epoch in 2..=5 {
        let wanted = document(epoch);
        let outcome = converge(target.as_ref(), &wanted);
        assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
        let Some(Content::Ours(found)) = run(target.read()).unwrap().map(|held| held.content)
        else {
            panic!("epoch {epoch} is not there");
        };
        assert_eq!(texts(&found), texts(&wanted));
        assert!(matches!(converge(setting.target().as_ref(), &wanted), Outcome::Converged));
    }
}

fn a_write_goes_over_what_it_names(setting: &dyn Setting) {
    let (ours, theirs) = (setting.target(), setting.target());
    run(ours.write(&document(1), None)).unwrap();
    assert_changed(run(ours.write(&document(2), None)));
    let first = run(ours.read()).unwrap().unwrap().version;
    run(theirs.write(&document(3), Some(&first))).unwrap();
    assert_changed(run(ours.write(&document(2), Some(&first))));
    assert_eq!(holds(ours.as_ref()), Some(3));
    run(theirs.delete()).unwrap();
    assert_changed(run(ours.write(&document(2), Some(&first))));
    assert_eq!(holds(ours.as_ref()), None);
}

fn an_edited_copy_is_foreign(setting: &dyn Setting) {
    let target = setting.target();
    run(target.write(&document(1), None)).unwrap();
    setting.edit("JWT_SECRET", "edited");
    assert!(matches!(run(target.read()).unwrap().unwrap().content, Content::Foreign { .. }));
    let wanted = document(1);
    let mut left = round(&wanted);
    (left.drift, left.may_adopt) = (Drift::Report, true);
    let outcome = run(converge_once(target.as_ref(), left));
    assert!(matches!(outcome, Outcome::Drifted { mended: false, .. }), "{outcome:?}");
    assert_eq!(holds(target.as_ref()), None);
    left.drift = Drift::Mend;
    let outcome = run(converge_once(target.as_ref(), left));
    assert!(matches!(outcome, Outcome::Drifted { mended: true, .. }), "{outcome:?}");
    assert_eq!(holds(target.as_ref()), Some(1));
}

fn somebodys_own_value_is_left_alone(setting: &dyn Setting) {
    let target = setting.target();
    setting.edit("JWT_SECRET", "my-own");
    let outcome = converge(target.as_ref(), &document(1));
    assert!(matches!(&outcome, Outcome::Failed(Error::PlaceTaken { .. })), "{outcome:?}");
    let wanted = document(1);
    let mut adopting = round(&wanted);
    adopting.may_adopt = true;
    assert!(run(converge_once(target.as_ref(), adopting)).is_converged());
}

fn another_rings_copy_is_left_alone(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document_of("shop.production", 1)).is_converged());
    let outcome = converge(target.as_ref(), &document(9));
    assert!(matches!(&outcome, Outcome::Failed(Error::PlaceTaken { .. })), "{outcome:?}");
    assert_eq!(holds(target.as_ref()), Some(1));
}

fn a_newer_copy_is_left_alone(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document(8)).is_converged());
    let outcome = converge(target.as_ref(), &document(7));
    assert!(matches!(&outcome, Outcome::Failed(Error::CopyIsNewer { .. })), "{outcome:?}");
    assert_eq!(holds(target.as_ref()), Some(8));
}

fn what_else_is_there_stays(setting: &dyn Setting) {
    if !setting.has_others() {
        return;
    }
    let target = setting.target();
    setting.edit("SOMEBODYS", "own value: with 'quotes', # and \u{e4}");
    let others = setting.others();
    assert!(run(target.read()).unwrap().is_none(), "what else is there is no copy");
    for epoch in 1..=4 {
        let outcome = converge(target.as_ref(), &document(epoch));
        assert!(outcome.is_converged(), "{outcome:?}");
        assert_eq!(setting.others(), others);
    }
    run(target.delete()).unwrap();
    assert_eq!(setting.others(), others);
    assert!(run(target.read()).unwrap().is_none());
}

fn only_the_rings_own_copy_is_withdrawn(setting: &dyn Setting) {
    let target = setting.target();
    let billing = "billing.production".parse().unwrap();
    let withdrawn = || run(withdraw(target.as_ref(), &billing));
    withdrawn().unwrap();
    setting.edit("JWT_SECRET", "my-own");
    assert!(matches!(withdrawn(), Err(Error::PlaceTaken { .. })));
    assert!(run(target.read()).unwrap().is_some(), "somebody's own value stays");
    let theirs = document_of("shop.production", 1);
    let mut adopting = round(&theirs);
    adopting.may_adopt = true;
    assert!(run(converge_once(target.as_ref(), adopting)).is_converged());
    assert!(matches!(withdrawn(), Err(Error::PlaceTaken { .. })));
    assert_eq!(holds(target.as_ref()), Some(1), "another ring's copy stays");
    run(withdraw(target.as_ref(), &"shop.production".parse().unwrap())).unwrap();
    assert!(run(target.read()).unwrap().is_none());
}

fn a_deleted_copy_can_come_again(setting: &dyn Setting) {
    let target = setting.target();
    run(target.delete()).unwrap();
    for epoch in 1..=2 {
        assert!(converge(target.as_ref(), &document(epoch)).is_converged());
        run(target.delete()).unwrap();
        run(target.delete()).unwrap();
        assert!(run(target.read()).unwrap().is_none());
    }
    assert!(converge(target.as_ref(), &document(1)).is_converged());
}

fn no_fault_is_taken_for_convergence(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    assert!(converge(target.as_ref(), &document(2)).is_converged());
    let faults = ["down", "sealed", "behind", "failing", "throttled", "loses", "torn", "stale"];
    for (fault, epoch) in faults.iter().zip(4..) {
        if !setting.fault(Some(fault)) {
            continue;
        }
        let wanted = document(epoch);
        let mut adopting = round(&wanted);
        adopting.may_adopt = true;
        let outcome = run(converge_once(target.as_ref(), adopting));
        assert!(!outcome.is_converged(), "{fault}: {outcome:?}");
        if let Outcome::Failed(error) = &outcome {
            assert!(error.is_transient(), "{fault}: {error}");
            assert!(!error.to_string().contains(MARK) && !format!("{error:?}").contains(MARK));
        }
        assert!(setting.fault(None));
        let outcome = run(converge_once(target.as_ref(), adopting));
        assert!(outcome.is_converged(), "after {fault}: {outcome:?}");
        assert_eq!(holds(target.as_ref()), Some(epoch));
    }
}

fn a_lost_answer_does_no_harm(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    if !setting.fault(Some("unanswered")) {
        return;
    }
    let outcome = converge(target.as_ref(), &document(2));
    assert!(matches!(&outcome, Outcome::Failed(Error::Unreachable { .. })), "{outcome:?}");
    setting.fault(None);
    let outcome = converge(target.as_ref(), &document(2));
    assert!(matches!(outcome, Outcome::Converged), "{outcome:?}");
}

/// Somebody writes after the last look and before the write.
fn the_place_itself_compares(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    if !setting.fault(Some("raced")) {
        return;
    }
    let outcome = converge(target.as_ref(), &document(2));
    assert!(matches!(&outcome, Outcome::Failed(Error::Changed { .. })), "{outcome:?}");
    setting.fault(None);
    assert!(converge(target.as_ref(), &document(2)).is_converged());
    assert!(setting.others().contains("RACED"), "what they wrote is lost");
}

/// The server has the write, and nobody waits for its answer any more.
fn a_dropped_round_leaves_a_whole_copy(setting: &dyn Setting) {
    let target = setting.target();
    assert!(converge(target.as_ref(), &document(1)).is_converged());
    if !setting.fault(Some("slow")) {
        return;
    }
    let wanted = document(2);
    let limit = Duration::from_millis(300);
    let dropped = run(async {
        tokio::time::timeout(limit, converge_once(target.as_ref(), round(&wanted))).await
    });
    assert!(dropped.is_err(), "{dropped:?}");
    assert_eq!(holds(target.as_ref()), Some(1));
    setting.fault(None);
    // The write that was held may arrive before, between or after the requests of the next round.
    let is_there = (0..3).any(|_| converge(target.as_ref(), &wanted).is_converged());
    assert!(is_there);
    assert_eq!(holds(target.as_ref()), Some(2));
}

fn assert_changed(result: Result<(), Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "target_changed", "{error}");
}

/// Where a setting keeps texts by name: what else there is, in one line.
pub(crate) fn others_among<V: ToString>(texts: &BTreeMap<String, V>) -> String {
    let ours = ["JWT_", "KEYTIDE_"];
    let others = texts.iter().filter(|(name, _)| !ours.iter().any(|ours| name.starts_with(ours)));
    others.map(|(name, text)| format!("{name}={}\n", text.to_string())).collect()
}
