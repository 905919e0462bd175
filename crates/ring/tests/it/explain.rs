//! What `explain` says of a ring in each state that is out of the ordinary.

use jiff::Timestamp;
use keytide_ring::apply::apply;
use keytide_ring::explain::Explanation;
use keytide_ring::{CheckIn, Command, Epoch, Evidence, Ring, When};

use crate::{at, operator, paper_key, policy, ring};

const START: &str = "2026-01-01T00:00:00Z";

struct Scene {
    ring: Ring,
    evidence: Evidence,
    keys: u8,
}

impl Scene {
    fn new(json: &str) -> Self {
        let ring = ring(policy(json), at(START));
        Self { ring, evidence: Evidence::default(), keys: 2 }
    }

    fn does(&mut self, command: &Command, now: &str) {
        let fresh = Some(paper_key(self.keys.into()));
        self.keys += 1;
        let changes = apply(&self.ring, &self.evidence, command, fresh, &operator(), at(now));
        self.ring = changes.unwrap().unwrap().ring;
    }

    fn rotates(&mut self, when: When, now: &str) {
        self.does(&Command::Activate { kid: None, when, reason: Some("a test".into()) }, now);
    }

    fn hears_of(&mut self, instance: &str, epoch: u64, now: &str) {
        let said = CheckIn {
            consumer: "api".into(),
            instance: instance.into(),
            epoch: Some(Epoch::new(epoch)),
        };
        self.evidence.check_in(&self.ring, &said, "api", at(now)).unwrap();
    }

    fn told(&self, now: &str) -> String {
        let now: Timestamp = at(now);
        Explanation::of(&self.ring, &self.evidence, now).sentences.join("\n")
    }
}

#[track_caller]
fn says(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not said in:\n{text}");
}

#[test]
fn a_wanted_switch_that_waits_names_whom_and_since_when_and_no_time_that_has_passed() {
    let mut scene = Scene::new(
        r#"{"algorithm":"HS256","consumers":[{"name":"api","acknowledges":true,"lease":"1h"}]}"#,
    );
    scene.hears_of("pod-1", 1, "2026-01-01T00:01:00Z");
    scene.hears_of("pod-2", 1, "2026-01-01T00:01:00Z");
    scene.rotates(When::IfSafe, "2026-01-01T00:10:00Z");
    scene.rotates(When::WhenSafe, "2026-01-01T00:11:00Z");
    scene.hears_of("pod-1", 3, "2026-01-01T00:12:00Z");
    let early = scene.told("2026-01-01T00:13:00Z");
    says(&early, "It is not safe to rotate before 2026-01-01T00:15:41Z");
    says(&early, "At 2026-01-01T00:15:41Z key k2 begins to sign.");
    let late = scene.told("2026-01-01T00:20:00Z");
    says(&late, "no time has stood against it since 2026-01-01T00:15:41Z, but one has not loaded");
    says(
        &late,
        "The next key cannot sign yet: instance `pod-2` of consumer `api` works with epoch 1, and \
         epoch 2 waits for it since 2026-01-01T00:10:00Z; its lease ends at 2026-01-01T01:01:00Z.",
    );
    says(&late, "A switch as soon as it is safe was asked for at 2026-01-01T00:11:00Z.");
    says(&late, "As soon as nobody is waited for any more key k2 begins to sign.");
    assert!(!late.contains("pod-1"), "{late}");
    says(&late, "key k0 leaves the set");
}

#[test]
fn a_slower_policy_before_is_named_as_what_binds() {
    let mut scene = Scene::new(r#"{"algorithm":"ES256","lead":"6h"}"#);
    let patch = serde_json::from_str(r#"{"lead":null,"algorithm":"EdDSA"}"#).unwrap();
    scene.does(&Command::Change { patch, reason: None }, "2026-01-01T12:00:00Z");
    let told = scene.told("2026-01-01T12:00:01Z");
    says(&told, "by the policy before a key was published for more than 6h");
    says(&told, "It is not safe to rotate before 2026-01-01T18:00:01Z");
}

#[test]
fn a_key_that_is_published_again_is_told_from_a_new_one() {
    let mut scene = Scene::new(r#"{"algorithm":"ES256","token_ttl":"1m"}"#);
    scene.rotates(When::IfSafe, "2026-01-01T01:00:00Z");
    scene.does(&Command::Turn, "2026-01-01T02:00:00Z");
    scene.does(&Command::Rollback { reason: None }, "2026-01-01T03:00:00Z");
    let told = scene.told("2026-01-01T03:00:01Z");
    says(&told, "key k0, which signed before, has been published again since 2026-01-01T03:00:00Z");
    says(&told, "At 2026-01-01T03:05:41Z key k0 begins to sign.");
}

#[test]
fn a_revoked_key_is_named_for_as_long_as_anybody_may_trust_it() {
    let mut scene = Scene::new(r#"{"algorithm":"ES256"}"#);
    let revoke = Command::Revoke { kid: "k0".parse().unwrap(), reason: None };
    scene.does(&revoke, "2026-01-01T01:00:00Z");
    let exposed = "Key k0 was revoked at 2026-01-01T01:00:00Z; verifiers that hold an older set may \
                   trust it until 2026-01-01T01:05:40Z.";
    says(&scene.told("2026-01-01T01:05:39Z"), exposed);
    assert!(!scene.told("2026-01-01T01:05:40Z").contains("may trust"));
}

#[test]
fn whoever_acknowledged_shortens_the_wait_and_that_is_said() {
    let mut scene = Scene::new(
        r#"{"algorithm":"ES256","max_age":"1m",
            "consumers":[{"name":"api","hold":"2h","lease":"1h","acknowledges":true}]}"#,
    );
    scene.hears_of("pod-1", 1, "2026-01-01T00:01:00Z");
    let told = scene.told("2026-01-01T00:10:00Z");
    says(&told, "It is safe to rotate now");
    says(&told, "consumers that acknowledged it are not waited for any longer");
}
