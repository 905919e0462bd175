//! What anybody may fetch: the set, discovery, health and figures, with the headers that rotation relies on.

use serde_json::{Value, json};

use crate::scene::Scene;

const JWKS: &str = "/rings/billing.test/.well-known/jwks.json";
const DISCOVERY: &str = "/rings/billing.test/.well-known/openid-configuration";

#[test]
fn the_set_holds_the_active_and_the_published_key_with_alg_use_and_kid_and_nothing_private() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let response = scene.client.get(scene.url(JWKS)).send().unwrap();
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    let set: Value = response.json().unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(key["kid"], ring["keys"][n]["kid"]);
        assert_eq!((&key["alg"], &key["use"]), (&json!("ES256"), &json!("sig")));
        let members: Vec<_> = key.as_object().unwrap().keys().collect();
        assert!(!members.iter().any(|m| *m == "d" || *m == "k"), "{members:?}");
    }
}

#[test]
fn the_entity_tag_changes_with_the_epoch_and_saves_the_body() {
    let scene = Scene::new();
    scene.ring("ES256");
    let fetch = |tag: Option<&str>| {
        let request = scene.client.get(scene.url(JWKS));
        let request =
            tag.iter().fold(request, |request, tag| request.header("if-none-match", *tag));
        let response = request.send().unwrap();
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        (response.status().as_u16(), tag, response.text().unwrap())
    };
    let (_, tag, _) = fetch(None);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let (status, same, body) = fetch(Some(&known));
        assert_eq!((status, &same, body.as_str()), (304, &tag, ""), "{known}");
    }
    scene.pass(2_000);
    scene.post("/v1/rings/billing.test/rotate", &json!({}));
    let (status, newer, _) = fetch(Some(&tag));
    assert_eq!(status, 200);
    assert_ne!(newer, tag);
}

#[test]
fn a_symmetric_ring_has_no_public_set_and_says_why() {
    let scene = Scene::new();
    scene.ring("HS256");
    for path in [JWKS, DISCOVERY] {
        let response = scene.client.get(scene.url(path)).send().unwrap();
        assert_eq!(response.status(), 404);
        let problem: Value = response.json().unwrap();
        assert_eq!(problem["code"], "symmetric_ring", "{problem}");
    }
}

#[test]
fn discovery_names_the_issuer_of_the_tokens_and_where_the_set_is() {
    let scene = Scene::new();
    scene.ring("ES256");
    let document: Value = scene.client.get(scene.url(DISCOVERY)).send().unwrap().json().unwrap();
    assert_eq!(document["issuer"], scene.url("/rings/billing.test"));
    assert_eq!(document["jwks_uri"], scene.url(JWKS));
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
}

#[test]
fn a_ring_whose_issuer_was_waived_has_a_set_but_no_discovery() {
    let scene = Scene::new();
    let body = json!({"name": "billing.test", "algorithm": "ES256", "issuer": null});
    assert_eq!(scene.post("/v1/rings", &body).0, 201);
    assert_eq!(scene.client.get(scene.url(JWKS)).send().unwrap().status(), 200);
    let problem: Value = scene.client.get(scene.url(DISCOVERY)).send().unwrap().json().unwrap();
    assert_eq!(problem["code"], "issuer_not_set");
}

#[test]
fn a_server_that_hears_nothing_from_its_store_publishes_nothing_and_is_not_ready() {
    let scene = Scene::new();
    scene.ring("ES256");
    assert_eq!(scene.get("/readyz").status(), 200);
    scene.clock.advance(jiff::SignedDuration::from_secs(31));
    let response = scene.client.get(scene.url(JWKS)).send().unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.json::<Value>().unwrap()["code"], "fenced");
    assert_eq!(scene.get("/readyz").status(), 503);
    assert_eq!(scene.get("/healthz").status(), 200);
}

#[test]
fn figures_count_what_was_done_by_route_and_never_by_ring() {
    let scene = Scene::new();
    scene.ring("ES256");
    scene.sign(&json!({}));
    let text = scene.client.get(scene.url("/metrics")).send().unwrap().text().unwrap();
    for line in [
        r#"keytide_signed_total{result="signed"} 1"#,
        r#"keytide_http_requests_total{method="POST",route="/v1/rings/{ring}/sign",status="200"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is missing from:\n{text}");
    }
    assert!(!text.contains("billing"), "{text}");
}
