//! Every change to a ring over HTTP, by hand and as a dry run, and what the audit log keeps of it.

use jiff::Timestamp;
use keytide_ring::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{OPERATOR, SIGNER, Scene};

#[test]
fn an_early_rotation_answers_409_and_succeeds_at_the_instant_that_it_names() {
    let scene = Scene::new();
    scene.ring("ES256");
    let (status, problem) = scene.post("/v1/rings/billing.test/rotate", &json!({}));
    assert_eq!(status, 409);
    assert_eq!(problem["code"], "activation_too_early");
    assert_eq!(problem["earliest_safe_at"], "2026-01-01T00:20:40.001Z");
    assert_eq!(problem["binding_term"]["name"], "consumer");
    assert_eq!(problem["binding_term"]["consumer"], "istio");
    assert_eq!(problem["binding_term"]["until"], "2026-01-01T00:20:30Z");

    let safe_at: Timestamp = problem["earliest_safe_at"].as_str().unwrap().parse().unwrap();
    scene.clock.advance(safe_at.duration_since(scene.clock.now()));
    let (status, changed) = scene.post("/v1/rings/billing.test/rotate", &json!({}));
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["epoch"], 2);
    assert_eq!(changed["signs"], problem["kid"]);
}

#[test]
fn force_needs_a_reason_and_the_audit_log_keeps_it_with_the_risk() {
    let scene = Scene::new();
    scene.ring("ES256");
    let (status, problem) = scene.post("/v1/rings/billing.test/rotate", &json!({"force": true}));
    assert_eq!((status, &problem["code"]), (422, &json!("reason_required")));
    let forced = json!({"force": true, "reason": "key in a log"});
    let (status, changed) = scene.post("/v1/rings/billing.test/rotate", &forced);
    assert_eq!((status, &changed["risked_seconds"]), (200, &json!(1_241)));
    let audit = scene.audit();
    assert!(audit.iter().any(|record| record["result"] == json!({"refused": "reason_required"})));
    let kept = audit.iter().rfind(|record| record["action"] == "key_activate").unwrap();
    assert_eq!(kept["reason"], "key in a log");
    assert_eq!(kept["detail"]["risked_seconds"], "1241");
    assert_eq!(kept["actor"], json!({"subject": "operator", "from": "127.0.0.1"}));
}

#[test]
fn activate_names_the_key_and_is_harmless_the_second_time() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let next = &ring["keys"][1]["kid"];
    scene.pass(2_000);
    let (status, first) = scene.post("/v1/rings/billing.test/activate", &json!({"kid": next}));
    assert_eq!((status, &first["signs"]), (200, next));
    let (status, second) = scene.post("/v1/rings/billing.test/activate", &json!({"kid": next}));
    assert_eq!((status, &second["epoch"]), (200, &json!(2)));
}

#[test]
fn revoke_says_until_when_the_key_may_still_be_trusted() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let (_, signed) = scene.sign(&json!({}));
    let path = format!("/v1/rings/billing.test/keys/{}/revoke", signed["kid"].as_str().unwrap());
    let (status, changed) = scene.post(&path, &json!({"reason": "laptop stolen"}));
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["exposed_until"], "2026-01-01T00:20:40Z");
    assert_eq!(changed["signs"], ring["keys"][1]["kid"]);
    let (_, verified) =
        scene.post("/v1/rings/billing.test/verify", &json!({"token": signed["token"]}));
    assert_eq!(verified["error"]["code"], "unknown_kid");
}

#[test]
fn a_destroyed_ring_is_gone_and_its_reason_is_kept() {
    let scene = Scene::new();
    scene.ring("HS256");
    let path = scene.url("/v1/rings/billing.test?reason=moved");
    let response = scene.client.delete(path).bearer_auth(OPERATOR).send().unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(scene.get("/v1/rings/billing.test").status(), 404);
    let last = scene.audit().pop().unwrap();
    assert_eq!((&last["action"], &last["reason"]), (&json!("ring_destroy"), &json!("moved")));
    let report: Value = scene.get("/v1/audit/verify").json().unwrap();
    assert_eq!(report["records"], last["seq"]);
    assert_eq!(report.get("broken"), None);
}

#[test]
fn rings_are_listed_by_name_page_by_page() {
    let scene = Scene::new();
    for name in ["c.test", "a.test", "b.test"] {
        let (status, _) = scene.post("/v1/rings", &json!({"name": name, "algorithm": "HS256"}));
        assert_eq!(status, 201);
    }
    let first: Value = scene.get("/v1/rings?limit=2").json().unwrap();
    assert_eq!(first["rings"][0]["name"], "a.test");
    assert_eq!(first["next"], "b.test");
    let second: Value = scene.get("/v1/rings?limit=2&after=b.test").json().unwrap();
    assert_eq!(second["rings"][0]["name"], "c.test");
    assert_eq!(second["next"], Value::Null);
}

#[test]
fn explain_tells_the_terms_and_what_comes_next() {
    let scene = Scene::new();
    scene.ring("ES256");
    let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
    assert_eq!(told["rotate"]["safe"], false);
    assert_eq!(told["terms"]["lead"], "20m 40s");
    assert_eq!(told["next"][0]["step"], "activate");
    assert_eq!(told["next"][0]["at"], "2026-01-02T00:00:00Z");
}

#[test]
fn a_switch_that_was_asked_for_early_comes_as_soon_as_it_is_safe() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let safe = json!({"when": "safe"});
    let (status, planned) = scene.post("/v1/rings/billing.test/rotate", &safe);
    assert_eq!((status, &planned["epoch"]), (200, &json!(2)), "{planned}");
    assert_eq!(planned["switches_at"], "2026-01-01T00:20:40.001Z");
    assert_eq!(planned["signs"], ring["keys"][0]["kid"]);
    scene.pass(1_241);
    scene.keeper.turn().unwrap();
    let shown: Value = scene.get("/v1/rings/billing.test").json().unwrap();
    assert_eq!(shown["keys"][0]["kid"], ring["keys"][1]["kid"]);
    let both = json!({"when": "safe", "force": true, "reason": "?"});
    assert_eq!(scene.post("/v1/rings/billing.test/rotate", &both).0, 400);
}

#[test]
fn a_rollback_goes_back_at_once_while_the_key_before_is_in_the_set() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let first = &ring["keys"][0]["kid"];
    let (status, none) = scene.post("/v1/rings/billing.test/rollback", &json!({}));
    assert_eq!((status, &none["code"]), (409, &json!("nothing_to_roll_back")));
    scene.pass(2_000);
    assert_eq!(scene.post("/v1/rings/billing.test/rotate", &json!({})).0, 200);
    let back = json!({"reason": "the new one is slow"});
    let (status, tried) = scene.post("/v1/rings/billing.test/rollback?dry_run=true", &back);
    assert_eq!((status, &tried["dry_run"], &tried["epoch"]), (200, &json!(true), &json!(3)));
    assert_eq!(tried["explain"]["keys"][0]["kid"], *first);
    let (status, changed) = scene.post("/v1/rings/billing.test/rollback", &back);
    assert_eq!((status, &changed["signs"], &changed["epoch"]), (200, first, &json!(3)));
    assert_eq!(scene.sign(&json!({})).1["kid"], *first);
    let rolled = scene.audit().into_iter().rfind(|record| record["action"] == "key_rollback");
    assert_eq!(rolled.unwrap()["reason"], "the new one is slow");
}

#[test]
fn a_policy_changes_field_by_field_and_says_which_and_null_gives_the_default() {
    let scene = Scene::new();
    scene.ring("ES256");
    let patch = json!({"rotate_every": "2d", "lead": "1h", "reason": "calmer"});
    let (status, changed) = scene.send(Method::PATCH, "/v1/rings/billing.test", &patch);
    assert_eq!((status, &changed["changed"]), (200, &json!(["lead", "rotate_every"])), "{changed}");
    let unset = json!({"lead": null});
    let (_, changed) = scene.send(Method::PATCH, "/v1/rings/billing.test", &unset);
    assert_eq!(changed["changed"], json!(["lead"]));
    let (_, same) = scene.send(Method::PATCH, "/v1/rings/billing.test", &unset);
    assert_eq!((&same["epoch"], same.get("changed")), (&json!(3), None), "nothing changed");
    for (patch, code) in [
        (json!({"rotate_every": "1m"}), "policy_cannot_hold"),
        (json!({"rotate": "1m"}), "bad_policy"),
        (json!({"issuer": "https://other.example"}), "policy_fixed"),
        (json!({"algorithm": "HS256"}), "policy_fixed"),
    ] {
        let (status, problem) = scene.send(Method::PATCH, "/v1/rings/billing.test", &patch);
        assert_eq!((status, problem["code"].as_str()), (422, Some(code)), "{patch}");
    }
}

#[test]
fn a_change_of_algorithm_publishes_a_key_that_signs_once_it_is_known() {
    let scene = Scene::new();
    scene.ring("ES256");
    let patch = json!({"algorithm": "EdDSA"});
    let (_, changed) = scene.send(Method::PATCH, "/v1/rings/billing.test", &patch);
    let next = &changed["published"];
    assert_eq!(changed["switches_at"], "2026-01-01T00:20:40.001Z");
    let discovery = "/rings/billing.test/.well-known/openid-configuration";
    let document: Value = scene.get(discovery).json().unwrap();
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256", "EdDSA"]));
    scene.pass(1_241);
    scene.keeper.turn().unwrap();
    assert_eq!(scene.sign(&json!({})).1["kid"], *next);
}

#[test]
fn a_revoked_keys_secret_is_destroyed_by_hand_with_a_reason() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let kid = ring["keys"][0]["kid"].as_str().unwrap();
    let path = |what: &str| format!("/v1/rings/billing.test/keys/{kid}/{what}");
    let why = json!({"reason": "seen in a log"});
    let (status, signing) = scene.post(&path("destroy"), &why);
    assert_eq!((status, &signing["code"]), (409, &json!("wrong_state")));
    assert_eq!(scene.post(&path("revoke"), &why).0, 200);
    assert_eq!(scene.post(&path("destroy"), &json!({})).1["code"], "reason_required");
    let (status, gone) = scene.post(&path("destroy"), &why);
    assert_eq!((status, &gone["destroyed"]), (200, &json!([kid])), "{gone}");
}

#[test]
fn a_dry_run_of_anything_changes_nothing_and_refuses_what_would_be_refused() {
    let scene = Scene::new();
    scene.ring("ES256");
    let before: Value = scene.get("/v1/rings/billing.test").json().unwrap();
    let records = scene.audit().len();
    let kid = before["keys"][0]["kid"].as_str().unwrap();
    let ring = "/v1/rings/billing.test";
    for (method, path, body) in [
        (Method::POST, format!("{ring}/rotate?dry_run=true"), json!({"when": "safe"})),
        (Method::POST, format!("{ring}/keys/{kid}/revoke?dry_run=true"), json!({})),
        (Method::POST, format!("{ring}/consumers?dry_run=true"), json!("kafka")),
        (Method::DELETE, format!("{ring}/consumers/istio?dry_run=true"), json!({})),
        (Method::PATCH, format!("{ring}?dry_run=true"), json!({"token_ttl": "2h"})),
        (Method::DELETE, format!("{ring}?dry_run=true"), json!({})),
    ] {
        let (status, tried) = scene.send(method, &path, &body);
        assert_eq!((status, &tried["dry_run"]), (200, &json!(true)), "{path}: {tried}");
    }
    let new = json!({"name": "new.test", "algorithm": "ES256"});
    let (status, tried) = scene.post("/v1/rings?dry_run=true", &new);
    assert_eq!((status, &tried["explain"]["terms"]["lead"]), (200, &json!("5m 40s")));
    assert_eq!(scene.get("/v1/rings/new.test").status(), 404);
    let (status, early) = scene.post(&format!("{ring}/rotate?dry_run=true"), &json!({}));
    assert_eq!((status, &early["code"]), (409, &json!("activation_too_early")));
    let after: Value = scene.get(ring).json().unwrap();
    assert_eq!(before, after);
    assert_eq!(scene.audit().len(), records);
}

#[test]
fn a_dry_run_that_a_route_does_not_know_is_refused_and_nothing_is_done() {
    let scene = Scene::new();
    scene.ring("ES256");
    let ring = "/v1/rings/billing.test";
    let records = scene.audit().len();
    for (method, path, name) in [
        (Method::DELETE, "/v1/access/signer?dry_run=true".to_owned(), "dry_run"),
        (Method::POST, "/v1/access?dry%5Frun=true".to_owned(), "dry_run"),
        (Method::POST, format!("{ring}/webhooks?dry_run=true"), "dry_run"),
        (Method::POST, format!("{ring}/acknowledge?dry_run"), "dry_run"),
        (Method::DELETE, format!("{ring}?dry-run=true"), "dry-run"),
        (Method::DELETE, format!("{ring}?reason=x&dryRun=true"), "dryRun"),
        (Method::DELETE, format!("{ring}?dryrn=true"), "dryrn"),
        (Method::DELETE, format!("{ring}/consumers/istio?try=true"), "try"),
        (Method::POST, format!("{ring}/rotate?force=true"), "force"),
        (Method::GET, "/v1/audit?from=1".to_owned(), "from"),
    ] {
        let body = json!({"url": "https://a.example", "subject": "a", "permissions": ["sign"]});
        let (status, problem) = scene.send(method, &path, &body);
        assert_eq!((status, &problem["code"]), (400, &json!("bad_request")), "{path}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("`{name}`")), "{path}: {detail}");
    }
    assert_eq!(scene.audit().len(), records);
    let signer = scene.client.post(scene.url(&format!("{ring}/sign"))).bearer_auth(SIGNER);
    assert_eq!(signer.json(&json!({"claims": {}})).send().unwrap().status(), 200);
}

#[test]
fn a_dry_run_explains_the_ring_to_those_alone_who_may_read_rings() {
    let scene = Scene::new();
    scene.ring("ES256");
    let path = "/v1/rings/billing.test/rotate?dry_run=true";
    let tried = |permissions: Value| {
        let grant = json!({"subject": "someone", "permissions": permissions});
        let (_, granted) = scene.post("/v1/access", &grant);
        let request = scene.client.post(scene.url(path)).json(&json!({"when": "safe"}));
        let answer = request.bearer_auth(granted["token"].as_str().unwrap()).send().unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().unwrap()
    };
    let blind = tried(json!(["rotate"]));
    assert_eq!((&blind["dry_run"], blind.get("explain")), (&json!(true), None), "{blind}");
    assert!(tried(json!(["rotate", "read-rings"]))["explain"].is_object());
}
