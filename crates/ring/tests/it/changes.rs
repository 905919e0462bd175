//! Rollback, switches as soon as they are safe, policies and algorithms that change, secrets destroyed early.

use jiff::{SignedDuration, Timestamp};
use keytide_jose::Algorithm;
use keytide_ring::{Command, Error, Evidence, FreshKey, Ring, State, When, apply, plan};
use serde_json::{Value, json};

use crate::{at, operator, paper_key, policy, ring};

const START: &str = "2026-01-01T00:00:00Z";
/// lead = 30 s + 20 min + 10 s; overlap = 10 s + 1 h + 60 s + 10 s.
const ISTIO: &str =
    r#"{"algorithm":"HS256","rotate_every":"1d","token_ttl":"1h","consumers":["istio"]}"#;
const LEAD: i64 = 1_240;
const OVERLAP: i64 = 3_680;

struct Scene {
    ring: Ring,
    now: Timestamp,
    keys: usize,
}

impl Scene {
    fn new() -> Self {
        Self { ring: ring(policy(ISTIO), at(START)), now: at(START), keys: 2 }
    }

    fn pass(&mut self, secs: i64) -> &mut Self {
        self.now += SignedDuration::from_secs(secs);
        self
    }

    fn fresh(&self, command: &Command) -> Option<FreshKey> {
        let policy = command.fresh_key_policy(&self.ring, &Evidence::default(), self.now)?;
        Some(FreshKey { algorithm: policy.algorithm(), ..paper_key(self.keys) })
    }

    fn command(&mut self, command: &Command) -> Result<apply::Outcome, Error> {
        let fresh = self.fresh(command);
        self.keys += usize::from(fresh.is_some());
        let none = Evidence::default();
        let changes = apply::apply(&self.ring, &none, command, fresh, &operator(), self.now)?;
        let Some(changes) = changes else { return Ok(apply::Outcome::default()) };
        self.ring = changes.ring;
        Ok(changes.outcome)
    }

    fn switch(&mut self, when: When) -> Result<apply::Outcome, Error> {
        self.command(&Command::Activate { kid: None, when, reason: Some("a test".into()) })
    }

    fn roll_back(&mut self) -> Result<apply::Outcome, Error> {
        self.command(&Command::Rollback { reason: Some("the new key misbehaves".into()) })
    }

    fn change(&mut self, patch: Value) -> Result<apply::Outcome, Error> {
        let Value::Object(patch) = patch else { panic!("a patch is an object") };
        self.command(&Command::Change { patch, reason: None })
    }

    fn safe_in(&self) -> i64 {
        let safety = plan::activation(&self.ring, &Evidence::default(), self.now);
        safety.at.duration_since(self.now).as_secs()
    }

    fn states(&self) -> Vec<String> {
        self.ring.keys().map(|key| format!("{} {}", key.kid, key.state.name())).collect()
    }
}

#[test]
fn a_key_that_still_verifies_signs_again_at_once_and_the_set_stays_whole() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    let before = scene.ring.verifying().count();
    let outcome = scene.pass(60).roll_back().unwrap();
    assert_eq!(outcome.activated.unwrap().as_str(), "k0");
    assert_eq!(scene.states(), ["k0 active", "k2 published", "k1 retiring"]);
    assert_eq!(scene.ring.verifying().count(), before);
    // And back: what was rolled back from verifies as long as anything that it signed is valid.
    scene.pass(60).roll_back().unwrap();
    assert_eq!(scene.states(), ["k1 active", "k2 published", "k0 retiring"]);
}

#[test]
fn the_key_that_a_ring_began_with_signs_again_however_young_the_ring_is() {
    let mut scene = Scene::new();
    scene.pass(10).switch(When::Forced).unwrap();
    scene.pass(10).roll_back().unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k0");
}

#[test]
fn a_key_that_left_the_set_is_published_again_and_signs_as_soon_as_that_is_safe() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(OVERLAP + 1).command(&Command::Turn).unwrap();
    assert_eq!(scene.states(), ["k1 active", "k2 published", "k0 retired"]);
    let outcome = scene.roll_back().unwrap();
    assert_eq!(outcome.published.unwrap().as_str(), "k0");
    assert_eq!(outcome.destroyed[0].as_str(), "k2");
    assert_eq!(outcome.switches_at.unwrap().duration_since(scene.now).as_secs(), LEAD);
    scene.pass(LEAD).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k1");
    scene.pass(1).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k0");
}

#[test]
fn a_rollback_that_is_under_way_is_not_undone_by_asking_again_nor_by_a_change_of_policy() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(OVERLAP + 1).command(&Command::Turn).unwrap();
    scene.roll_back().unwrap();
    let epoch = scene.ring.epoch();
    scene.roll_back().unwrap();
    assert_eq!(scene.ring.epoch(), epoch);
    scene.change(json!({"rollback_window": "8d"})).unwrap();
    assert_eq!(scene.ring.standby().kid.as_str(), "k0");
}

#[test]
fn a_key_that_was_to_sign_again_keeps_its_secret_when_another_algorithm_takes_its_place() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(OVERLAP + 1).command(&Command::Turn).unwrap();
    scene.roll_back().unwrap();
    let outcome = scene.change(json!({"algorithm": "HS512"})).unwrap();
    assert!(outcome.destroyed.is_empty());
    assert_eq!(outcome.retired[0].as_str(), "k0");
    assert!(scene.states().contains(&"k0 retired".to_owned()));
}

#[test]
fn there_is_no_way_back_to_a_key_that_was_revoked_or_destroyed() {
    let mut scene = Scene::new();
    assert_eq!(scene.roll_back().unwrap_err().code(), "nothing_to_roll_back");
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    let k0 = "k0".parse().unwrap();
    scene.command(&Command::Revoke { kid: k0, reason: None }).unwrap();
    assert_eq!(scene.roll_back().unwrap_err().code(), "nothing_to_roll_back");
}

#[test]
fn a_key_that_was_forced_to_sign_too_early_cannot_sign_again_before_it_is_safe() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(10).switch(When::Forced).unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k2");
    scene.pass(10).roll_back().unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k1");
    let early = scene.pass(10).roll_back().unwrap_err();
    assert_eq!(early.code(), "activation_too_early");
}

#[test]
fn a_switch_that_is_wanted_happens_in_the_first_safe_instant() {
    let mut scene = Scene::new();
    let outcome = scene.pass(100).switch(When::WhenSafe).unwrap();
    assert_eq!(outcome.switches_at.unwrap().duration_since(scene.now).as_secs(), LEAD - 100);
    let again = scene.switch(When::WhenSafe).unwrap();
    assert_eq!(again.switches_at, None, "asked for already: nothing changed");
    assert_eq!(scene.ring.epoch().get(), 2);
    scene.pass(LEAD - 100).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k0");
    scene.pass(1).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().kid.as_str(), "k1");
    assert_eq!(scene.pass(1).switch(When::WhenSafe).unwrap().activated, None);
}

#[test]
fn a_policy_changes_field_by_field_and_says_what_changed() {
    let mut scene = Scene::new();
    let outcome = scene.change(json!({"rotate_every": "30d", "token_ttl": "2h"})).unwrap();
    assert_eq!(outcome.changed, ["rotate_every", "token_ttl"]);
    assert_eq!(scene.ring.policy().spec().rotate_every.to_string(), "30d");
    assert!(scene.change(json!({"rotate_every": "30d"})).unwrap().changed.is_empty());
    let outcome = scene.change(json!({"rotate_every": null})).unwrap();
    assert_eq!(outcome.changed, ["rotate_every"]);
    assert_eq!(scene.ring.policy().spec().rotate_every.to_string(), "90d");
}

#[test]
fn a_change_that_would_make_valid_tokens_worthless_is_refused_with_the_field() {
    for (patch, code) in [
        (json!({"algorithm": "ES256"}), "policy_fixed"),
        (json!({"issuer": "https://id.example"}), "policy_fixed"),
        (json!({"typ": "at+jwt"}), "policy_fixed"),
        (json!({"audience": ["web"]}), "policy_fixed"),
        (json!({"rotate_every": "1m"}), "policy_cannot_hold"),
        (json!({"rotate": "1d"}), "bad_policy"),
        (json!({"token_ttl": 1.5}), "bad_policy"),
    ] {
        assert_eq!(Scene::new().change(patch.clone()).unwrap_err().code(), code, "{patch}");
    }
}

#[test]
fn a_longer_life_is_remembered_for_the_key_that_signs_also_when_it_is_shortened_again() {
    let mut scene = Scene::new();
    scene.change(json!({"token_ttl": "3h"})).unwrap();
    scene.pass(10).change(json!({"token_ttl": "1h"})).unwrap();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    let last = &scene.ring.past()[0];
    let removable = scene.ring.removable_at(last).unwrap();
    assert_eq!(removable.duration_since(scene.now).as_secs(), OVERLAP + 2 * 3_600);
}

#[test]
fn who_goes_by_the_policy_before_is_waited_for() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(1);
    let remove = Command::RemoveConsumer { name: "istio".into(), reason: None };
    scene.command(&remove).unwrap();
    assert_eq!(scene.safe_in(), LEAD - 1);
    let early = scene.switch(When::IfSafe).unwrap_err().to_string();
    assert!(early.contains("by the policy before, with a lead of 20m 40s"), "{early}");
    // The next key is published under the new policy alone.
    scene.pass(LEAD).switch(When::IfSafe).unwrap();
    assert_eq!(scene.safe_in(), 340);
}

#[test]
fn a_slower_consumer_is_waited_for_from_its_declaration_on() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1);
    let add = Command::AddConsumer { consumer: serde_json::from_str("\"kafka\"").unwrap() };
    scene.command(&add).unwrap();
    assert_eq!(scene.switch(When::IfSafe).unwrap_err().code(), "activation_too_early");
    assert_eq!(scene.command(&add).unwrap_err().code(), "consumer_exists");
    let unknown = Command::RemoveConsumer { name: "nobody".into(), reason: None };
    assert_eq!(scene.command(&unknown).unwrap_err().code(), "consumer_not_found");
}

#[test]
fn another_algorithm_is_published_for_the_whole_lead_before_it_signs() {
    let mut scene = Scene::new();
    scene.pass(10_000);
    let outcome = scene.change(json!({"algorithm": "HS512"})).unwrap();
    assert_eq!(outcome.published.unwrap().as_str(), "k2");
    assert_eq!(outcome.destroyed[0].as_str(), "k1", "it never signed");
    assert_eq!(scene.ring.standby().algorithm, Algorithm::HS512);
    assert_eq!(outcome.switches_at.unwrap().duration_since(scene.now).as_secs(), LEAD);
    scene.pass(LEAD).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().algorithm, Algorithm::HS256);
    scene.pass(1).command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.active().algorithm, Algorithm::HS512);
    assert!(scene.states().contains(&"k0 retiring".to_owned()));
}

#[test]
fn a_secret_is_destroyed_early_only_once_it_left_the_set_and_with_a_reason() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    let destroy = |reason: Option<&str>| Command::Destroy {
        kid: "k0".parse().unwrap(),
        reason: reason.map(str::to_owned),
    };
    assert_eq!(scene.command(&destroy(Some("x"))).unwrap_err().code(), "wrong_state");
    scene.pass(OVERLAP + 1).command(&Command::Turn).unwrap();
    assert_eq!(scene.command(&destroy(None)).unwrap_err().code(), "reason_required");
    let outcome = scene.command(&destroy(Some("an audit asked for it"))).unwrap();
    assert_eq!(outcome.destroyed[0].as_str(), "k0");
    assert!(matches!(scene.ring.past()[0].state, State::Destroyed { .. }));
    assert!(scene.command(&destroy(Some("again"))).unwrap().destroyed.is_empty());
}

#[test]
fn a_ring_that_was_recovered_trusts_nothing_that_may_have_happened_meanwhile() {
    let mut scene = Scene::new();
    scene.pass(LEAD + 1).switch(When::IfSafe).unwrap();
    scene.pass(OVERLAP - 10);
    let epoch = keytide_ring::Epoch::new(50);
    scene.ring = scene.ring.recovered(epoch, scene.now);
    assert_eq!((scene.ring.epoch(), scene.safe_in()), (epoch, LEAD));
    let retiring = &scene.ring.past()[0];
    let removable = scene.ring.removable_at(retiring).unwrap();
    assert_eq!(removable.duration_since(scene.now).as_secs(), OVERLAP);
}
