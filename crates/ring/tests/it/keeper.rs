//! The keeper over the reference store: what is signed verifies, what is stale is fenced, what is refused is recorded.

use std::sync::Arc;

use jiff::SignedDuration;
use keytide_jose::SystemRng;
use keytide_ring::{
    Action, CheckIn, Clock, Command, Epoch, Error, EventResult, Keeper, KeeperConfig, ManualClock,
    MemoryStore, RingStore, SignRequest, VerifyRequest, When,
};
use serde_json::{Value, json};

use crate::{at, name, operator, policy};

struct Scene {
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    keeper: Keeper,
}

impl Scene {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(at("2026-01-01T00:00:00.250Z")));
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let keeper = keeper(&clock, &store);
        Self { clock, store, keeper }
    }

    fn with_ring(policy_json: &str) -> Self {
        let scene = Self::new();
        scene.keeper.create(&name(), policy(policy_json), &operator()).unwrap();
        scene
    }

    fn pass(&self, secs: i64) {
        self.clock.advance(SignedDuration::from_secs(secs));
    }

    fn sign(&self, claims: Value) -> Result<keytide_ring::Signed, Error> {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        self.keeper.sign(&name(), SignRequest { claims, ..SignRequest::default() })
    }

    fn verify(&self, token: &str) -> Result<keytide_ring::Verification, Error> {
        let request = VerifyRequest { token: token.to_owned(), ..VerifyRequest::default() };
        self.keeper.verify(&name(), &request)
    }

    fn rotate(&self) -> Result<keytide_ring::Outcome, Error> {
        let command = Command::Activate { kid: None, when: When::IfSafe, reason: None };
        self.keeper.command(&name(), command, &operator()).map(|changed| changed.outcome)
    }
}

fn keeper(clock: &Arc<ManualClock>, store: &Arc<MemoryStore>) -> Keeper {
    Keeper::new(KeeperConfig {
        store: Arc::clone(store) as Arc<dyn RingStore>,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        rng: Box::new(|| Box::new(SystemRng)),
    })
    .unwrap()
}

const ES256: &str =
    r#"{"algorithm":"ES256","rotate_every":"1h","token_ttl":"15m","issuer":"https://id.example"}"#;

#[test]
fn what_is_signed_verifies_with_its_claims_across_two_rotations() {
    let scene = Scene::with_ring(ES256);
    let signed = scene.sign(json!({"sub": "alice"})).unwrap();
    assert_eq!(signed.expires_at, at("2026-01-01T00:15:00Z"));
    scene.pass(400);
    scene.keeper.refresh().unwrap();
    let rotated = scene.rotate().unwrap();
    assert!(rotated.activated.is_some_and(|kid| kid != signed.kid));
    let verified = scene.verify(&signed.token).unwrap();
    assert_eq!(verified.kid, signed.kid);
    assert_eq!(
        Value::Object(verified.claims),
        json!({"sub":"alice","iss":"https://id.example","iat":1_767_225_600,"exp":1_767_226_500})
    );
}

#[test]
fn an_early_rotation_is_refused_and_recorded_and_succeeds_at_the_stated_instant() {
    let scene = Scene::with_ring(ES256);
    let Err(Error::ActivationTooEarly { earliest_safe_at, .. }) = scene.rotate() else {
        panic!("nothing was published for its lead yet");
    };
    let refused = scene.store.audit(3, 10).unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].event.action, Action::KeyActivate);
    assert_eq!(refused[0].event.result, EventResult::Refused("activation_too_early".into()));
    scene.clock.advance(earliest_safe_at.duration_since(scene.clock.now()));
    scene.rotate().unwrap();
}

#[test]
fn time_alone_rotates_retires_and_destroys() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"ES256","rotate_every":"1h","token_ttl":"15m","rollback_window":"10m"}"#,
    );
    let first = scene.keeper.snapshot(&name()).unwrap().ring().active().kid.clone();
    let mut states = Vec::new();
    for _ in 0..110 {
        scene.pass(60);
        scene.keeper.refresh().unwrap();
        for turned in scene.keeper.turn().unwrap() {
            turned.result.unwrap();
        }
        let snapshot = scene.keeper.snapshot(&name()).unwrap();
        let state = snapshot.ring().key(&first).unwrap().state.name();
        if states.last() != Some(&state) {
            states.push(state);
        }
    }
    assert_eq!(states, ["active", "retiring", "retired", "destroyed"]);
}

#[test]
fn a_clock_that_jumps_forth_neither_rotates_nor_destroys_until_that_time_has_passed() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"ES256","rotate_every":"1h","token_ttl":"15m","rollback_window":"0s"}"#,
    );
    let epoch = || scene.keeper.snapshot(&name()).unwrap().ring().epoch().get();
    scene.keeper.turn().unwrap();
    scene.clock.set(at("2026-01-01T02:00:00Z"));
    assert_eq!(scene.keeper.turn().err().unwrap().code(), "clock_jumped");
    assert_eq!(epoch(), 1);
    scene.clock.set(at("2026-01-01T00:00:01Z"));
    assert!(scene.keeper.turn().unwrap().is_empty());
    scene.clock.set(at("2026-01-01T02:00:00Z"));
    scene.pass(2 * 3_600);
    scene.keeper.refresh().unwrap();
    assert_eq!(scene.keeper.turn().unwrap().len(), 1);
    assert_eq!(epoch(), 2);
}

#[test]
fn a_clock_that_jumps_forth_makes_no_switch_by_hand_safe_and_holds_up_no_emergency() {
    let scene = Scene::with_ring(r#"{"algorithm":"ES256","token_ttl":"15m"}"#);
    scene.keeper.turn().unwrap();
    scene.clock.set(at("2026-01-01T02:00:00Z"));
    let rotate = |when, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        scene.keeper.command(&name(), Command::Activate { kid: None, when, reason }, &operator())
    };
    for when in [When::IfSafe, When::WhenSafe] {
        assert_eq!(rotate(when, None).unwrap_err().code(), "clock_jumped");
    }
    let tried = Command::Activate { kid: None, when: When::IfSafe, reason: None };
    assert_eq!(scene.keeper.try_out(&name(), tried).unwrap_err().code(), "clock_jumped");
    assert!(rotate(When::Forced, Some("an emergency")).is_ok());
    let kid = scene.keeper.snapshot(&name()).unwrap().ring().active().kid.clone();
    assert!(
        scene.keeper.command(&name(), Command::Revoke { kid, reason: None }, &operator()).is_ok()
    );
}

#[test]
fn a_clock_that_jumps_forth_has_nobody_acknowledge_and_makes_no_switch_that_waited_for_it() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"HS256","rotate_every":"1h","token_ttl":"15m","consumers":["environment"]}"#,
    );
    scene.keeper.turn().unwrap();
    let said = CheckIn {
        consumer: "environment".to_owned(),
        instance: "1".to_owned(),
        epoch: Some(Epoch::new(1)),
    };
    scene.clock.set(at("2026-01-01T02:00:00Z"));
    assert_eq!(
        scene.keeper.check_in(&name(), &said, &operator()).err().unwrap().code(),
        "clock_jumped"
    );
    scene.clock.set(at("2026-01-01T00:00:01Z"));
    assert_eq!(scene.keeper.check_in(&name(), &said, &operator()).unwrap().epoch, Epoch::new(1));
}

#[test]
fn leases_that_ended_while_no_server_listened_run_once_more_before_a_switch() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"HS256","rotate_every":"1h","token_ttl":"15m","consumers":["environment"]}"#,
    );
    let said = |epoch| CheckIn {
        consumer: "environment".to_owned(),
        instance: "1".to_owned(),
        epoch: Some(Epoch::new(epoch)),
    };
    let turned = |keeper: &Keeper| {
        keeper.refresh().unwrap();
        keeper.turn().unwrap();
        keeper.snapshot(&name()).unwrap().ring().epoch().get()
    };
    scene.pass(3_600);
    scene.keeper.refresh().unwrap();
    scene.keeper.check_in(&name(), &said(1), &operator()).unwrap();
    assert_eq!(scene.keeper.snapshot(&name()).unwrap().ring().epoch().get(), 2);
    scene.pass(3_599);
    scene.keeper.refresh().unwrap();
    scene.keeper.check_in(&name(), &said(1), &operator()).unwrap();
    // Two minutes without a server: the lease of a minute ends, and could not be renewed.
    scene.pass(120);
    let next = keeper(&scene.clock, &scene.store);
    next.begin_to_listen().unwrap();
    for _ in 0..60 {
        assert_eq!(turned(&next), 2);
        scene.pass(1);
    }
    assert_eq!(turned(&next), 3);
}

#[test]
fn forced_switches_stop_where_the_set_would_grow_beyond_what_verifiers_keep() {
    let scene = Scene::with_ring(r#"{"algorithm":"HS256"}"#);
    let force = || {
        let reason = Some("drill".to_owned());
        let command = Command::Activate { kid: None, when: When::Forced, reason };
        scene.keeper.command(&name(), command, &operator())
    };
    for _ in 0..14 {
        force().unwrap();
    }
    assert_eq!(force().unwrap_err().code(), "set_full");
    assert_eq!(scene.keeper.snapshot(&name()).unwrap().ring().verifying().count(), 16);
}

#[test]
fn a_ring_remembers_the_newest_destroyed_keys_and_forgets_older_ones() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"HS256","rotate_every":"1h","token_ttl":"5m","rollback_window":"1m"}"#,
    );
    for _ in 0..30 * 60 {
        scene.pass(60);
        scene.keeper.refresh().unwrap();
        scene.keeper.turn().unwrap();
    }
    let snapshot = scene.keeper.snapshot(&name()).unwrap();
    assert!(snapshot.ring().epoch().get() > 60);
    let gone = snapshot.ring().past().iter().filter(|key| !key.state.has_secret()).count();
    assert_eq!(gone, 16);
}

#[test]
fn a_reason_longer_than_the_log_keeps_is_refused() {
    let scene = Scene::with_ring(r#"{"algorithm":"HS256"}"#);
    let reason = Some("x".repeat(1_025));
    let command = Command::Activate { kid: None, when: When::Forced, reason };
    let refused = scene.keeper.command(&name(), command, &operator());
    assert_eq!(refused.unwrap_err().code(), "reason_too_long");
}

#[test]
fn a_node_that_hears_nothing_stops_signing_after_f_and_publishing_after_p() {
    let scene = Scene::with_ring(ES256);
    let token = scene.sign(json!({})).unwrap().token;
    scene.pass(10);
    scene.sign(json!({})).unwrap();
    scene.pass(1);
    assert_eq!(scene.sign(json!({})).unwrap_err().code(), "fenced");
    scene.pass(19);
    scene.verify(&token).unwrap();
    scene.keeper.published(&name()).unwrap();
    scene.pass(1);
    assert_eq!(scene.verify(&token).unwrap_err().code(), "fenced");
    assert_eq!(scene.keeper.published(&name()).unwrap_err().code(), "fenced");
    scene.keeper.refresh().unwrap();
    scene.sign(json!({})).unwrap();
}

#[test]
fn another_node_hears_of_a_change_at_its_next_refresh() {
    let scene = Scene::with_ring(ES256);
    let other = keeper(&scene.clock, &scene.store);
    let before = other.snapshot(&name()).unwrap().ring().epoch();
    scene.pass(400);
    scene.keeper.refresh().unwrap();
    scene.rotate().unwrap();
    assert_eq!(other.snapshot(&name()).unwrap().ring().epoch(), before);
    other.refresh().unwrap();
    assert_eq!(
        other.snapshot(&name()).unwrap().published().unwrap(),
        &scene.keeper.published(&name()).unwrap(),
        "an epoch's set is the same on every node, to the byte and the tag"
    );
    scene.keeper.destroy(&name(), &operator(), None).unwrap();
    other.refresh().unwrap();
    assert_eq!(other.snapshot(&name()).err().unwrap().code(), "ring_not_found");
}

#[test]
fn a_symmetric_ring_signs_and_verifies_but_publishes_nothing() {
    let scene = Scene::with_ring(r#"{"algorithm":"HS256"}"#);
    let signed = scene.sign(json!({"sub": "bob"})).unwrap();
    scene.verify(&signed.token).unwrap();
    assert_eq!(scene.keeper.published(&name()).unwrap_err().code(), "symmetric_ring");
}

#[test]
fn a_revoked_keys_tokens_are_refused_at_once_where_the_set_is_ours() {
    let scene = Scene::with_ring(ES256);
    let signed = scene.sign(json!({})).unwrap();
    let revoke = Command::Revoke { kid: signed.kid.clone(), reason: None };
    scene.keeper.command(&name(), revoke, &operator()).unwrap();
    assert_eq!(scene.verify(&signed.token).unwrap_err().code(), "unknown_kid");
    assert_ne!(scene.sign(json!({})).unwrap().kid, signed.kid);
}

#[test]
fn i3_no_token_outlives_the_ring_and_only_the_ring_writes_what_it_binds() {
    let scene = Scene::with_ring(
        r#"{"algorithm":"ES256","token_ttl":"15m","issuer":"https://id.example","audience":["api","web"]}"#,
    );
    let iat = 1_767_225_600_i64;
    for (claims, code) in [
        (json!({"iat": iat}), "claim_conflict"),
        (json!({"exp": iat + 901}), "ttl_too_long"),
        (json!({"exp": iat}), "claim_conflict"),
        (json!({"exp": "soon"}), "claim_conflict"),
        (json!({"exp": i64::MAX}), "ttl_too_long"),
        (json!({"exp": i64::MIN}), "claim_conflict"),
        (json!({"iss": "https://evil.example"}), "claim_conflict"),
        (json!({"aud": "other"}), "claim_conflict"),
        (json!({"aud": ["api", "other"]}), "claim_conflict"),
        (json!({"aud": []}), "claim_conflict"),
    ] {
        assert_eq!(scene.sign(claims.clone()).unwrap_err().code(), code, "{claims}");
    }
    for claims in [
        json!({}),
        json!({"exp": iat + 900}),
        json!({"iss": "https://id.example", "aud": ["web", "api"]}),
    ] {
        scene.verify(&scene.sign(claims).unwrap().token).unwrap();
    }
    for header in [json!({"alg": "none"}), json!({"kid": "x"}), json!({"jku": "https://x"})] {
        let Value::Object(header) = header else { unreachable!("written above") };
        let request = SignRequest { header, ..SignRequest::default() };
        assert_eq!(scene.keeper.sign(&name(), request).unwrap_err().code(), "reserved_header");
    }
}

#[test]
fn a_name_that_was_destroyed_starts_again_above_its_last_epoch() {
    let scene = Scene::with_ring(ES256);
    scene.keeper.destroy(&name(), &operator(), Some("moved")).unwrap();
    let again = scene.keeper.create(&name(), policy(ES256), &operator()).unwrap();
    assert_eq!(again.ring().epoch().get(), 3);
}

#[test]
fn the_explanation_says_when_and_why_in_words() {
    let scene =
        Scene::with_ring(r#"{"algorithm":"ES256","rotate_every":"1d","consumers":["istio"]}"#);
    let told = scene.keeper.explain(&name()).unwrap();
    assert!(!told.rotate.safe);
    assert_eq!(told.rotate.binding_term, "consumer");
    let text = told.sentences.join("\n");
    for part in ["2026-01-01T00:20:41Z", "consumer `istio`", "20m", "propagation 30s"] {
        assert!(text.contains(part), "{part} is missing from:\n{text}");
    }
}
