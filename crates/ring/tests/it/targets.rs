//! Targets: a copy is waited for until it is said to hold what a switch needs, and by nobody but its keeper.

use jiff::Timestamp;
use keytide_ring::{CheckIn, Command, Epoch, Error, Evidence, Ring, TargetName, When, apply, plan};
use serde_json::{Map, json};

use crate::{at, operator, paper_key, policy, ring};

const START: &str = "2026-01-01T00:00:00Z";
/// lead = 2 s + 60 s + 2 s.
const SYMMETRIC: &str = r#"{"algorithm":"HS256","rotate_every":"1d","token_ttl":"10m",
    "propagation":"2s","max_age":"1m","clock_error":"1s"}"#;
const ASYMMETRIC: &str = r#"{"algorithm":"ES256","rotate_every":"1d","token_ttl":"10m",
    "propagation":"2s","max_age":"1m","clock_error":"1s"}"#;

struct Scene {
    ring: Ring,
    evidence: Evidence,
    now: Timestamp,
    keys: usize,
}

impl Scene {
    fn new(policy_json: &str) -> Self {
        let ring = ring(policy(policy_json), at(START));
        Self { ring, evidence: Evidence::default(), now: at(START), keys: 2 }
    }

    fn pass(&mut self, secs: i64) {
        self.now += jiff::SignedDuration::from_secs(secs);
    }

    fn command(&mut self, command: &Command) -> Result<apply::Outcome, Error> {
        let fresh = Some(paper_key(self.keys));
        let changes =
            apply::apply(&self.ring, &self.evidence, command, fresh, &operator(), self.now)?;
        let Some(changes) = changes else { return Ok(apply::Outcome::default()) };
        self.keys += 1;
        self.ring = changes.ring;
        self.evidence = changes.evidence.unwrap_or(self.evidence.clone());
        Ok(changes.outcome)
    }

    fn rotate(&mut self) -> Result<apply::Outcome, Error> {
        self.command(&Command::Activate { kid: None, when: When::IfSafe, reason: None })
    }

    fn add(&mut self) {
        self.command(&Command::AddTarget { name: prod() }).unwrap();
    }

    fn holds(&mut self, epoch: Epoch) {
        let said = prod().check_in(Some(epoch));
        self.evidence.check_in(&self.ring, &said, "sync", self.now).unwrap();
    }
}

fn prod() -> TargetName {
    "prod".parse().unwrap()
}

#[test]
fn no_ring_switches_before_its_copy_holds_the_key_however_long_that_takes() {
    for kind in [SYMMETRIC, ASYMMETRIC] {
        let mut scene = Scene::new(kind);
        scene.add();
        scene.pass(40 * 365 * 86_400);
        let refused = scene.rotate().unwrap_err();
        assert_eq!(refused.code(), "not_acknowledged");
        let text = refused.to_string();
        assert!(text.contains("target `prod` holds no copy yet"), "{text}");
        scene.holds(scene.ring.epoch());
        scene.rotate().unwrap();

        let before = scene.ring.epoch();
        scene.pass(40 * 365 * 86_400);
        assert_eq!(scene.rotate().unwrap_err().code(), "not_acknowledged");
        let due = plan::due(&scene.ring, &scene.evidence, scene.now);
        assert!(!due.contains(&plan::Step::Activate), "{due:?}");
        scene.holds(before);
        scene.rotate().unwrap();
    }
}

#[test]
fn a_secret_is_kept_until_the_copy_without_it_has_arrived() {
    let mut scene = Scene::new(SYMMETRIC);
    scene.add();
    scene.pass(100);
    scene.holds(scene.ring.epoch());
    scene.rotate().unwrap();
    scene.pass(90 * 86_400);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.past().len(), 1, "the copy may still sign with it");
    scene.holds(scene.ring.epoch());
    scene.pass(86_400);
    let outcome = scene.command(&Command::Turn).unwrap();
    assert_eq!(outcome.retired.len(), 1);
}

#[test]
fn nobody_speaks_for_a_target_but_whoever_keeps_the_copy() {
    let mut scene = Scene::new(SYMMETRIC);
    scene.add();
    let said = prod().check_in(Some(scene.ring.epoch()));
    for said in [said.clone(), CheckIn { instance: "another".into(), ..said }] {
        let refused = scene.evidence.check_in(&scene.ring, &said, "operator", scene.now);
        assert_eq!(refused.unwrap_err().code(), "bad_check_in");
    }
}

#[test]
fn a_target_is_neither_declared_nor_taken_away_as_a_consumer() {
    let mut scene = Scene::new(SYMMETRIC);
    let by_hand = serde_json::from_value(json!({"name":"sync/prod","acknowledges":true})).unwrap();
    let refused = scene.command(&Command::AddConsumer { consumer: by_hand }).unwrap_err();
    assert_eq!(refused.code(), "bad_consumer");
    scene.add();
    let remove = Command::RemoveConsumer { name: "sync/prod".into(), reason: None };
    assert_eq!(scene.command(&remove).unwrap_err().code(), "bad_consumer");
    let patch = Map::from_iter([("consumers".to_owned(), json!(["istio"]))]);
    let change = Command::Change { patch, reason: None };
    assert_eq!(scene.command(&change).unwrap_err().code(), "bad_consumer");
    let patch = Map::from_iter([("token_ttl".to_owned(), json!("5m"))]);
    scene.command(&Command::Change { patch, reason: None }).unwrap();
}

#[test]
fn a_removed_target_is_waited_for_no_more_and_one_added_again_is_waited_for_anew() {
    let mut scene = Scene::new(SYMMETRIC);
    scene.add();
    scene.pass(100);
    scene.holds(scene.ring.epoch());
    scene.command(&Command::RemoveTarget { name: prod(), reason: None }).unwrap();
    let said = prod().check_in(Some(scene.ring.epoch()));
    let late = scene.evidence.check_in(&scene.ring, &said, "sync", scene.now);
    assert_eq!(late.unwrap_err().code(), "bad_check_in");
    scene.pass(100);
    scene.rotate().unwrap();
    scene.add();
    scene.pass(86_400);
    assert_eq!(scene.rotate().unwrap_err().code(), "not_acknowledged");
    let gone = Command::RemoveTarget { name: "other".parse().unwrap(), reason: None };
    assert_eq!(scene.command(&gone).unwrap_err().code(), "consumer_not_found");
}

#[test]
fn an_operator_may_answer_for_a_target_that_cannot_be_reached() {
    let mut scene = Scene::new(SYMMETRIC);
    scene.add();
    scene.pass(100);
    let reason = Some("copied by hand while the manager was down".to_owned());
    scene
        .command(&Command::Assume { consumer: prod().consumer(), instance: None, reason })
        .unwrap();
    scene.rotate().unwrap();
}
