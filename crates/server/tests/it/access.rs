//! Access tokens over HTTP: issued, listed, used within their permissions, withdrawn.

use serde_json::{Value, json};

use crate::scene::{SIGNER, Scene};

#[test]
fn an_issued_token_does_what_it_permits_until_it_is_withdrawn() {
    let scene = Scene::new();
    scene.ring("ES256");
    let grant = json!({"subject": "billing/eu", "permissions": ["sign"], "expires": "30d"});
    let (status, granted) = scene.post("/v1/access", &grant);
    assert_eq!((status, &granted["expires_at"]), (201, &json!("2026-01-31T00:00:00Z")));
    let token = granted["token"].as_str().unwrap().to_owned();
    let sign = |token: &str| {
        let url = scene.url("/v1/rings/billing.test/sign");
        let request = scene.client.post(url).bearer_auth(token).json(&json!({"claims": {}}));
        request.send().unwrap().status().as_u16()
    };
    assert_eq!(sign(&token), 200);
    let rings = scene.client.get(scene.url("/v1/rings")).bearer_auth(&token).send().unwrap();
    assert_eq!(rings.status(), 403);

    let list: Value = scene.get("/v1/access").json().unwrap();
    let subjects: Vec<_> =
        list["access"].as_array().unwrap().iter().map(|one| &one["subject"]).collect();
    assert_eq!(subjects, ["billing/eu", "operator", "reader", "signer"]);
    assert!(!list.to_string().contains(&token) && !list.to_string().contains("hash"), "{list}");

    let end = |subject: &str| {
        scene.send(reqwest::Method::DELETE, &format!("/v1/access/{subject}"), &json!({})).1
    };
    assert_eq!(end("billing%2Feu"), json!({"ended": 1}));
    assert_eq!(sign(&token), 401, "at once, though it was used a moment ago");
    assert_eq!(end("billing%2Feu"), json!({"ended": 0}));
    let log = scene.audit();
    let last: Vec<_> = log.iter().rev().map(|record| record["action"].as_str().unwrap()).collect();
    assert!(last.contains(&"access_grant") && last.contains(&"access_end"), "{last:?}");
    assert!(!json!(log).to_string().contains(&token));
}

#[test]
fn nobody_grants_what_they_may_not_do_themselves() {
    let scene = Scene::new();
    let grant = json!({"subject": "clerk", "permissions": ["admin", "sign"]});
    let (status, clerk) = scene.post("/v1/access", &grant);
    assert_eq!(status, 201, "{clerk}");
    let issue = |permissions: Value| {
        let grant = json!({"subject": "friend", "permissions": permissions});
        let request = scene.client.post(scene.url("/v1/access")).json(&grant);
        let answer = request.bearer_auth(clerk["token"].as_str().unwrap()).send().unwrap();
        (answer.status().as_u16(), answer.json::<Value>().unwrap())
    };
    let (status, problem) = issue(json!(["sign", "read-keys"]));
    assert_eq!((status, &problem["code"]), (403, &json!("permission_missing")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("read-keys"), "{problem}");
    assert!(!scene.get("/v1/access").text().unwrap().contains("friend"));
    assert_eq!(issue(json!(["sign", "admin"])).0, 201);
}

#[test]
fn a_token_of_some_rings_reaches_no_other_and_nothing_that_belongs_to_all() {
    let scene = Scene::new();
    scene.ring("ES256");
    let made = scene.post("/v1/rings", &json!({"name": "shop.test", "algorithm": "HS256"}));
    assert_eq!(made.0, 201);
    let permissions = ["sign", "read-rings", "read-keys", "admin", "audit"];
    let grant = json!({"subject": "till", "permissions": permissions, "rings": ["shop.*"]});
    let (status, till) = scene.post("/v1/access", &grant);
    assert_eq!((status, &till["rings"]), (201, &json!(["shop.*"])), "{till}");
    let ask = |method: reqwest::Method, path: &str, body: Value| {
        let request = scene.client.request(method, scene.url(path));
        let request = request.bearer_auth(till["token"].as_str().unwrap());
        let answer = request.json(&body).send().unwrap();
        (answer.status().as_u16(), answer.json::<Value>().unwrap_or_default())
    };
    let get = |path: &str| ask(reqwest::Method::GET, path, json!({}));
    let post = |path: &str, body: Value| ask(reqwest::Method::POST, path, body);

    let keys = "keys?consumer=till&instance=1";
    assert_eq!(post("/v1/rings/shop.test/sign", json!({"claims": {}})).0, 200);
    assert_eq!(get(&format!("/v1/rings/shop.test/{keys}")).0, 200);
    assert_eq!(post("/v1/rings", json!({"name": "shop.stage", "algorithm": "HS256"})).0, 201);
    let (status, rings) = get("/v1/rings");
    let names: Vec<_> = rings["rings"].as_array().unwrap().iter().map(|r| &r["name"]).collect();
    assert_eq!(status, 200);
    assert_eq!(names, ["shop.stage", "shop.test"]);

    for (status, problem) in [
        post("/v1/rings/billing.test/sign", json!({"claims": {}})),
        get(&format!("/v1/rings/billing.test/{keys}")),
        get(&format!("/v1/rings/billing%2Etest/{keys}")),
        get("/v1/rings/billing.test"),
        post("/v1/rings", json!({"name": "billing.stage", "algorithm": "HS256"})),
        ask(reqwest::Method::DELETE, "/v1/rings/billing.test", json!({})),
        get("/v1/access"),
        post("/v1/access", json!({"subject": "friend", "permissions": ["sign"]})),
        ask(reqwest::Method::DELETE, "/v1/access/operator", json!({})),
        get("/v1/audit"),
        get("/v1/audit/verify"),
    ] {
        assert_eq!((status, &problem["code"]), (403, &json!("permission_missing")), "{problem}");
    }
}

#[test]
fn a_token_that_makes_no_sense_is_not_issued_and_only_an_admin_issues() {
    let scene = Scene::new();
    for grant in [
        json!({"subject": "", "permissions": ["sign"]}),
        json!({"subject": "a b", "permissions": ["sign"]}),
        json!({"subject": "schedule", "permissions": ["sign"]}),
        json!({"subject": "a", "permissions": []}),
        json!({"subject": "a", "permissions": ["sign"], "expires": "0s"}),
        json!({"subject": "a", "permissions": ["sign"], "rings": []}),
    ] {
        let (status, problem) = scene.post("/v1/access", &grant);
        assert_eq!((status, &problem["code"]), (422, &json!("bad_access")), "{grant}");
    }
    for unknown in [
        json!({"subject": "a", "permissions": ["fly"]}),
        json!({"subject": "a", "permissions": ["sign"], "rings": ["shop"]}),
    ] {
        assert_eq!(scene.post("/v1/access", &unknown).0, 400, "{unknown}");
    }
    let grant = json!({"subject": "a", "permissions": ["admin"]});
    let signer = scene.client.post(scene.url("/v1/access")).bearer_auth(SIGNER).json(&grant);
    assert_eq!(signer.send().unwrap().status(), 403);
}
