//! Consumers over HTTP: declared, waited for, answered for, taken away.

use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::Scene;

const RING: &str = "/v1/rings/billing.test";

fn names(scene: &Scene) -> Vec<Value> {
    let list: Value = scene.get(&format!("{RING}/consumers")).json().unwrap();
    list["consumers"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect()
}

#[test]
fn a_consumer_is_declared_by_its_profile_or_in_full_and_taken_away_again() {
    let scene = Scene::new();
    scene.ring("ES256");
    let add = |body: Value| scene.post(&format!("{RING}/consumers"), &body);
    assert_eq!(add(json!("kafka")).1["changed"], json!(["consumers"]));
    let layered =
        json!({"name": "a/b c", "profile": "jose", "layers": [{"name": "cdn", "hold": "5m"}]});
    assert_eq!(add(layered).0, 200);
    assert_eq!(names(&scene), ["istio", "kafka", "a/b c"]);
    assert_eq!(add(json!("kafka")).1["code"], "consumer_exists");
    assert_eq!(add(json!("isto")).1["code"], "bad_consumer");
    assert_eq!(add(json!({})).1["code"], "bad_request");
    let remove = |name: &str| {
        let path = format!("{RING}/consumers/{name}?reason=gone");
        scene.send(Method::DELETE, &path, &json!({}))
    };
    assert_eq!(remove("a%2Fb%20c").0, 200);
    let (status, unknown) = remove("a%2Fb%20c");
    assert_eq!((status, &unknown["code"]), (404, &json!("consumer_not_found")));
    assert_eq!(names(&scene), ["istio", "kafka"]);
}

#[test]
fn a_switch_waits_for_one_that_acknowledges_until_somebody_answers_for_it() {
    let scene = Scene::new();
    let (status, _) = scene.post(
        "/v1/rings",
        &json!({"name": "billing.test", "algorithm": "HS256", "consumers": ["environment"]}),
    );
    assert_eq!(status, 201);
    scene.pass(400);
    let (status, refused) = scene.post(&format!("{RING}/rotate"), &json!({}));
    assert_eq!((status, &refused["code"]), (409, &json!("not_acknowledged")));
    assert_eq!(refused["waits_for"][0]["consumer"], "environment");
    assert_eq!(refused["waits_for"][0].get("instance"), None, "none was ever heard of");

    let assume = format!("{RING}/consumers/environment/assume-restarted");
    assert_eq!(scene.post(&assume, &json!({})).1["code"], "reason_required");
    let (status, assumed) = scene.post(&assume, &json!({"reason": "restarted by hand"}));
    assert_eq!((status, &assumed["epoch"]), (200, &json!(2)), "{assumed}");
    let (status, switched) = scene.post(&format!("{RING}/rotate"), &json!({}));
    assert_eq!((status, &switched["epoch"]), (200, &json!(3)), "{switched}");
    let kept = scene.audit().into_iter().rfind(|record| record["action"] == "consumer_assume");
    assert_eq!(kept.unwrap()["reason"], "restarted by hand");
}
