//! Consumers that acknowledge what they have loaded: whom a switch waits for, and until when.

use jiff::Timestamp;
use keytide_ring::explain::Explanation;
use keytide_ring::{CheckIn, Command, Epoch, Error, Evidence, Ring, When, apply, plan};

use crate::{at, operator, paper_key, policy, ring};

const START: &str = "2026-01-01T00:00:00Z";
/// lead = 2 s + 60 s + 2 s; a lease of 1 min.
const ENVIRONMENT: &str = r#"{"algorithm":"HS256","rotate_every":"1d","token_ttl":"10m",
    "propagation":"2s","max_age":"1m","clock_error":"1s",
    "consumers":[{"name":"api","profile":"environment"}]}"#;

struct Scene {
    ring: Ring,
    evidence: Evidence,
    now: Timestamp,
    keys: usize,
}

impl Scene {
    /// A ring that has just switched, with instances that still work with the epoch before.
    fn switched(policy_json: &str, instances: &[&str]) -> Self {
        let ring = ring(policy(policy_json), at(START));
        let mut scene = Self { ring, evidence: Evidence::default(), now: at(START), keys: 2 };
        scene.pass(86_400);
        for instance in instances {
            scene.acknowledge(instance, 1).unwrap();
        }
        if instances.is_empty() {
            scene.assume("api", None, "none runs yet").unwrap();
        }
        scene.command(&Command::Turn).unwrap();
        scene
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

    fn say(&mut self, instance: &str, epoch: Option<u64>) -> Result<(), Error> {
        let said = CheckIn {
            consumer: "api".into(),
            instance: instance.into(),
            epoch: epoch.map(Epoch::new),
        };
        self.evidence.check_in(&self.ring, &said, "api", self.now).map(drop)
    }

    fn acknowledge(&mut self, instance: &str, epoch: u64) -> Result<(), Error> {
        self.say(instance, Some(epoch))
    }

    fn assume(
        &mut self,
        consumer: &str,
        instance: Option<&str>,
        reason: &str,
    ) -> Result<apply::Outcome, Error> {
        self.command(&Command::Assume {
            consumer: consumer.into(),
            instance: instance.map(str::to_owned),
            reason: Some(reason.into()),
        })
    }

    /// Whom a switch waits for, as `consumer/instance`.
    fn waits_for(&self) -> Vec<String> {
        let safety = plan::activation(&self.ring, &self.evidence, self.now);
        let name = |w: &keytide_ring::Waiting| match &w.instance {
            Some(instance) => format!("{}/{instance}", w.consumer),
            None => w.consumer.clone(),
        };
        safety.waits_for.iter().map(name).collect()
    }
}

#[test]
fn a_switch_waits_for_every_live_instance_and_names_those_that_are_late() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a", "b"]);
    scene.pass(50);
    let epoch = scene.ring.epoch().get();
    scene.acknowledge("a", epoch).unwrap();
    scene.say("b", None).unwrap();
    scene.pass(15);
    let refused = scene.rotate().unwrap_err();
    assert_eq!(refused.code(), "not_acknowledged");
    let text = refused.to_string();
    assert!(
        text.contains(
            "instance `b` of consumer `api` works with epoch 1, and epoch 2 waits for it"
        ) && text.contains("its lease ends at 2026-01-02T00:01:50Z"),
        "{text}"
    );
    assert_eq!(scene.waits_for(), ["api/b"]);
    scene.acknowledge("b", epoch).unwrap();
    scene.rotate().unwrap();
}

#[test]
fn no_word_shortens_the_wait_below_what_somebody_needs_whom_nobody_declared() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    scene.acknowledge("a", 2).unwrap();
    scene.pass(64);
    assert_eq!(scene.rotate().unwrap_err().code(), "activation_too_early");
    scene.pass(1);
    scene.rotate().unwrap();
}

#[test]
fn an_instance_whose_lease_ended_is_waited_for_no_more() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a", "gone"]);
    scene.acknowledge("a", 2).unwrap();
    scene.pass(59);
    scene.acknowledge("a", 2).unwrap();
    assert_eq!(scene.waits_for(), ["api/gone"]);
    scene.pass(10);
    assert!(scene.waits_for().is_empty());
    scene.rotate().unwrap();
}

#[test]
fn a_consumer_of_whom_nothing_was_ever_heard_is_waited_for_until_somebody_answers_for_it() {
    let ring = ring(policy(ENVIRONMENT), at(START));
    let mut scene = Scene { ring, evidence: Evidence::default(), now: at(START), keys: 2 };
    scene.pass(3_600);
    let text = scene.rotate().unwrap_err().to_string();
    assert!(text.contains("no instance of consumer `api` has been heard of"), "{text}");
    scene.assume("api", None, "it is not deployed yet").unwrap();
    scene.rotate().unwrap();
}

#[test]
fn answering_for_a_consumer_needs_a_reason_and_a_consumer() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    let bare = Command::Assume { consumer: "api".into(), instance: None, reason: None };
    assert_eq!(scene.command(&bare).unwrap_err().code(), "reason_required");
    let other = scene.assume("web", None, "restarted").unwrap_err();
    assert_eq!(other.code(), "consumer_not_found");
    assert!(other.to_string().contains("it has api"), "{other}");
    let instance = scene.assume("api", Some("z"), "restarted").unwrap_err();
    assert_eq!(instance.code(), "consumer_not_found");
}

#[test]
fn an_instance_that_was_answered_for_is_waited_for_again_when_it_says_otherwise() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    scene.pass(59);
    scene.say("a", None).unwrap();
    scene.assume("api", Some("a"), "restarted by hand").unwrap();
    scene.pass(10);
    assert!(scene.waits_for().is_empty());
    scene.acknowledge("a", 1).unwrap();
    assert_eq!(scene.waits_for(), ["api/a"]);
}

#[test]
fn a_key_leaves_the_set_only_after_every_signer_works_with_its_successor() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a", "late"]);
    let old = scene.ring.past()[0].kid.clone();
    scene.acknowledge("a", 2).unwrap();
    // An hour in which `late` goes on signing with the old key.
    for _ in 0..120 {
        scene.pass(30);
        scene.acknowledge("a", 2).unwrap();
        scene.say("late", None).unwrap();
    }
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retiring");
    scene.acknowledge("late", 2).unwrap();
    let afterlife = 10 * 60 + 60 + 2;
    scene.pass(afterlife);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retiring");
    scene.pass(1);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retired");
}

#[test]
fn instances_that_start_after_a_switch_do_not_delay_the_removal_of_what_they_never_signed_with() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    let old = scene.ring.past()[0].kid.clone();
    scene.acknowledge("a", 2).unwrap();
    let overlap = 10 + 10 * 60 + 60 + 2;
    scene.pass(overlap);
    scene.say("new", None).unwrap();
    scene.acknowledge("new", 2).unwrap();
    scene.pass(1);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retired");
}

#[test]
fn an_epoch_that_the_ring_has_not_reached_cannot_be_acknowledged() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    assert_eq!(scene.acknowledge("a", 3).unwrap_err().code(), "bad_check_in");
    assert_eq!(scene.acknowledge("", 2).unwrap_err().code(), "bad_check_in");
    assert_eq!(scene.acknowledge(&"x".repeat(129), 2).unwrap_err().code(), "bad_check_in");
}

#[test]
fn the_word_of_a_timed_consumer_shortens_the_wait_for_it_alone() {
    let policy_json = r#"{"algorithm":"ES256","rotate_every":"1d","propagation":"2s","max_age":"1m",
        "clock_error":"1s","consumers":[{"name":"api","hold":"2h","acknowledges":true},{"name":"cdn","hold":"10m"}]}"#;
    let mut scene = Scene::switched(policy_json, &["a"]);
    scene.acknowledge("a", 2).unwrap();
    let published = scene.now;
    let safe = |scene: &Scene| plan::activation(&scene.ring, &scene.evidence, scene.now);
    assert_eq!(safe(&scene).at.duration_since(published).as_secs(), 604);
    assert_eq!(safe(&scene).binding.describe(), "the cache of consumer `cdn`");
    // A second instance that has not loaded the key: nothing is proven any more.
    scene.say("b", None).unwrap();
    assert_eq!(safe(&scene).at.duration_since(published).as_secs(), 7_204);
}

#[test]
fn a_forced_switch_says_who_had_not_loaded_the_key() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    scene.pass(59);
    scene.say("a", None).unwrap();
    scene.pass(10);
    let reason = Some("the key was seen in a log".into());
    let outcome =
        scene.command(&Command::Activate { kid: None, when: When::Forced, reason }).unwrap();
    assert_eq!(outcome.waits_for.len(), 1);
    assert_eq!(outcome.risked_seconds, None);
}

#[test]
fn explain_names_the_late_one_and_since_when() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a", "b"]);
    scene.pass(50);
    scene.acknowledge("a", 2).unwrap();
    scene.say("b", None).unwrap();
    scene.pass(20);
    let told = Explanation::of(&scene.ring, &scene.evidence, scene.now);
    assert!(!told.rotate.safe);
    assert_eq!(told.rotate.waits_for[0].instance.as_deref(), Some("b"));
    let all = told.sentences.join("\n");
    assert!(all.contains("instance `b` of consumer `api` works with epoch 1"), "{all}");
    assert!(all.contains("waits for it since 2026-01-02T00:00:00Z"), "{all}");
    let api = &told.consumers[0];
    assert_eq!((api.instances.len(), api.hold), (2, None));
}

#[test]
fn a_ring_that_waits_is_looked_at_again_when_a_lease_ends() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    scene.pass(86_400);
    scene.say("a", None).unwrap();
    let next = plan::next_due(&scene.ring, &scene.evidence, scene.now);
    assert_eq!(next.duration_since(scene.now).as_secs(), 60);
}

#[test]
fn the_word_of_one_instance_shortens_no_wait_for_a_consumer_that_was_not_declared_to_tell() {
    let policy_json = r#"{"algorithm":"ES256","rotate_every":"1d","propagation":"2s","max_age":"1m",
        "clock_error":"1s","consumers":[{"name":"api","hold":"2h"}]}"#;
    let mut scene = Scene::switched(policy_json, &["a"]);
    scene.acknowledge("a", 2).unwrap();
    let safe = plan::activation(&scene.ring, &scene.evidence, scene.now);
    assert_eq!(safe.at.duration_since(scene.now).as_secs(), 7_204);
}

#[test]
fn nobody_whom_nobody_declared_holds_up_a_ring_whose_keys_are_public() {
    let policy_json = r#"{"algorithm":"ES256","rotate_every":"1d","propagation":"2s","max_age":"1m",
        "clock_error":"1s"}"#;
    let mut scene = Scene::switched(policy_json, &["stranger"]);
    scene.pass(65);
    scene.say("stranger", None).unwrap();
    assert!(scene.waits_for().is_empty());
    scene.rotate().unwrap();
}

#[test]
fn nobody_speaks_for_an_instance_of_another_subject_while_its_lease_runs() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    let said = CheckIn { consumer: "api".into(), instance: "a".into(), epoch: Some(Epoch::new(2)) };
    let refused = scene.evidence.check_in(&scene.ring, &said, "mallory", scene.now).unwrap_err();
    assert_eq!(refused.code(), "bad_check_in");
    assert!(refused.to_string().contains("its lease runs until 2026-01-02T00:01:00Z"), "{refused}");
    scene.pass(61);
    scene.evidence.check_in(&scene.ring, &said, "its successor", scene.now).unwrap();
}

#[test]
fn whoever_answered_once_for_a_consumer_that_was_never_heard_of_answered_for_that_epoch_alone() {
    let mut scene = Scene::switched(ENVIRONMENT, &[]);
    scene.pass(65);
    assert_eq!(scene.waits_for(), ["api"]);
    scene.assume("api", None, "restarted by hand").unwrap();
    scene.rotate().unwrap();
    assert_eq!(scene.waits_for(), ["api"]);
}

#[test]
fn what_a_removed_consumer_signed_with_is_remembered() {
    let mut scene = Scene::switched(ENVIRONMENT, &["late"]);
    for _ in 0..20 {
        scene.pass(30);
        scene.say("late", None).unwrap();
    }
    let remove = Command::RemoveConsumer { name: "api".into(), reason: None };
    scene.command(&remove).unwrap();
    let old = scene.ring.past()[0].kid.clone();
    scene.pass(10 * 60 + 60 + 2);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retiring");
    scene.pass(1);
    scene.command(&Command::Turn).unwrap();
    assert_eq!(scene.ring.key(&old).unwrap().state.name(), "retired");
}

#[test]
fn instances_that_are_long_gone_make_room_for_others_and_the_limit_is_named() {
    let mut scene = Scene::switched(ENVIRONMENT, &["a"]);
    for n in 0..999 {
        scene.say(&format!("pod-{n}"), None).unwrap();
    }
    let full = scene.say("one-more", None).unwrap_err();
    assert_eq!(full.code(), "too_many_instances");
    assert!(full.to_string().contains("1000 instances"), "{full}");
    scene.pass(60 + 682 + 3_600 + 1);
    scene.say("one-more", None).unwrap();
    assert!(scene.evidence.instances().len() < 1_000);
}
