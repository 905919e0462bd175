//! Rotate, activate, revoke, destroy over HTTP, and what the audit log keeps of it.

use serde_json::{Value, json};

use crate::scene::{OPERATOR, Scene};

fn audit(scene: &Scene) -> Vec<Value> {
    let page: Value = scene.get("/v1/audit?limit=1000").json().unwrap();
    page["records"].as_array().unwrap().clone()
}

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
    assert_eq!(problem["binding_term"]["until"], "2026-01-01T00:20:40Z");

    scene.clock.set(problem["earliest_safe_at"].as_str().unwrap().parse().unwrap());
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
    let audit = audit(&scene);
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
    let last = audit(&scene).pop().unwrap();
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
