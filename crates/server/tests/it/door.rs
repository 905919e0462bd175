//! Who comes in, and what becomes of requests that make no sense.

use std::time::Duration;

use keytide_server::ROUTES;
use serde_json::{Value, json};

use crate::scene::{OPERATOR, SIGNER, Scene};

#[test]
fn every_route_with_a_permission_is_closed_to_strangers_and_every_other_is_open() {
    let scene = Scene::new();
    scene.ring("ES256");
    for route in ROUTES {
        let path = route.path.replace("{ring}", "billing.test").replace("{kid}", "k");
        let method = route.method.parse().unwrap();
        let response = scene.client.request(method, scene.url(&path)).send().unwrap();
        let status = response.status().as_u16();
        if route.permission.is_some() {
            assert_eq!(status, 401, "{} {}", route.method, route.path);
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        } else {
            assert_eq!(status, 200, "{} {}", route.method, route.path);
        }
    }
}

#[test]
fn a_wrong_token_is_refused_and_recorded_without_the_token() {
    let scene = Scene::with_config(|config| config.tick = Duration::from_millis(5));
    let knock = || {
        let request = scene.client.get(scene.url("/v1/rings")).bearer_auth("ktop_wr0ng");
        request.send().unwrap()
    };
    let response = knock();
    assert_eq!(response.status(), 401);
    let problem: Value = response.json().unwrap();
    assert_eq!(problem["code"], "credentials_refused");
    let audit = loop {
        let audit = scene.get("/v1/audit?limit=1000").text().unwrap();
        if audit.contains("access_refuse") {
            break audit;
        }
    };
    assert!(audit.contains("127.0.0.1"), "{audit}");
    assert!(!audit.contains("wr0ng"));
}

#[test]
fn a_flood_of_wrong_tokens_is_recorded_as_a_few_and_a_number() {
    let scene = Scene::new();
    for _ in 0..20 {
        scene.client.get(scene.url("/v1/rings")).bearer_auth("ktop_wr0ng").send().unwrap();
    }
    let figures = scene.client.get(scene.url("/metrics")).send().unwrap().text().unwrap();
    assert!(figures.contains("keytide_refused_credentials_total 20"), "{figures}");
    assert!(figures.contains("keytide_unrecorded_refusals_total 17"), "{figures}");
}

#[test]
fn a_connection_that_asks_for_nothing_is_closed_whatever_it_began() {
    use std::io::{Read, Write};

    let scene = Scene::with_config(|config| {
        config.head_timeout = Duration::from_millis(50);
        config.idle_timeout = Duration::from_millis(50);
    });
    for begun in ["", "G", "GET /healthz HTTP/1.1\r\nHost:", "PRI * HT"] {
        let mut stream = std::net::TcpStream::connect(scene.address).unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        // Ends only when the server closes; what it says before that is its own.
        let mut said = Vec::new();
        let _reset_is_as_good = stream.read_to_end(&mut said);
    }
}

#[test]
fn a_made_up_method_leaves_no_label_behind() {
    let scene = Scene::new();
    let method = reqwest::Method::from_bytes(b"MADEUP").unwrap();
    let response = scene.client.request(method, scene.url("/healthz")).send().unwrap();
    assert_eq!(response.status(), 405);
    let figures = scene.client.get(scene.url("/metrics")).send().unwrap().text().unwrap();
    assert!(!figures.contains("MADEUP") && figures.contains("method=\"other\""), "{figures}");
}

#[test]
fn a_token_opens_only_what_its_permissions_name() {
    let scene = Scene::new();
    scene.ring("ES256");
    let as_signer = |path: &str, body: Value| {
        let sent = scene.client.post(scene.url(path)).bearer_auth(SIGNER).json(&body).send();
        let response = sent.unwrap();
        (response.status().as_u16(), response.json::<Value>().unwrap())
    };
    assert_eq!(as_signer("/v1/rings/billing.test/sign", json!({"claims": {}})).0, 200);
    let (status, problem) = as_signer("/v1/rings/billing.test/rotate", json!({}));
    assert_eq!((status, &problem["code"]), (403, &json!("permission_missing")));
}

#[test]
fn an_ended_token_is_refused_even_while_it_is_remembered() {
    let scene = Scene::new();
    let token = "ktop_short";
    let access = keytide_ring::AccessToken {
        hash: keytide_server::hash_access_token(token.as_bytes()),
        subject: "short".into(),
        permissions: keytide_ring::Permission::ALL.to_vec(),
        rings: vec![keytide_ring::RingPattern::all()],
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires_at: Some("2026-01-01T00:00:02Z".parse().unwrap()),
    };
    scene.keeper.store().put_access(&access, &keytide_ring::Actor::local("test")).unwrap();
    let ask = || scene.client.get(scene.url("/v1/rings")).bearer_auth(token).send().unwrap();
    assert_eq!(ask().status(), 200);
    scene.pass(2);
    assert_eq!(ask().status(), 401);
}

#[test]
fn nonsense_gets_a_problem_that_names_the_place_and_never_the_value() {
    let scene = Scene::new();
    scene.ring("ES256");
    for (path, body, status, code) in [
        ("/v1/rings", "{", 400, "bad_request"),
        ("/v1/rings", "[]", 400, "bad_request"),
        ("/v1/rings", r#"{"name":"a.b","name":"c.d","algorithm":"ES256"}"#, 400, "bad_request"),
        ("/v1/rings", r#"{"algorithm":"ES256"}"#, 400, "bad_request"),
        ("/v1/rings", r#"{"name":"A.b","algorithm":"ES256"}"#, 400, "bad_ring_name"),
        ("/v1/rings", r#"{"name":"a.b","algorithm":"none"}"#, 400, "bad_request"),
        (
            "/v1/rings",
            r#"{"name":"a.b","algorithm":"ES256","colour":"s3cret"}"#,
            400,
            "bad_request",
        ),
        (
            "/v1/rings",
            r#"{"name":"a.b","algorithm":"ES256","rotate_every":"5m"}"#,
            422,
            "policy_cannot_hold",
        ),
        ("/v1/rings", r#"{"name":"billing.test","algorithm":"ES256"}"#, 409, "ring_exists"),
        ("/v1/rings/billing.test/sign", r#"{"claims":"s3cret"}"#, 400, "bad_request"),
        ("/v1/rings/billing.test/sign", r#"{"claims":{},"ttl":"s3cret"}"#, 400, "bad_request"),
        ("/v1/rings/billing.test/sign", r#"{"claims":{},"ttl":"2h"}"#, 422, "ttl_too_long"),
        ("/v1/rings/billing.test/sign", r#"{"batch":[],"claims":{}}"#, 400, "bad_request"),
        ("/v1/rings/billing.test/verify", "{}", 400, "bad_request"),
        ("/v1/rings/billing.test/verify", r#"{"token":"x","leeway":"2m"}"#, 422, "leeway_too_long"),
        ("/v1/rings/no.such/sign", r#"{"claims":{}}"#, 404, "ring_not_found"),
        ("/v1/rings/billing.test/activate", r#"{"kid":"nobody"}"#, 404, "key_not_found"),
        ("/v1/rings/billing.test/keys/nobody/revoke", "{}", 404, "key_not_found"),
        ("/v1/nowhere", "{}", 404, "route_not_found"),
        ("/healthz", "{}", 405, "method_not_allowed"),
    ] {
        let request = scene.client.post(scene.url(path)).bearer_auth(OPERATOR);
        let response = request.body(body.to_owned()).send().unwrap();
        assert_eq!(response.status(), status, "{path} {body}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path} {body}");
        let problem: Value = response.json().unwrap();
        assert_eq!(problem["code"], code, "{path} {body}: {problem}");
        assert_eq!(problem["status"], status);
        assert!(problem["hint"].as_str().is_some_and(|hint| hint.len() > 3), "{problem}");
        if !body.contains("ttl") {
            assert!(!problem.to_string().contains("s3cret"), "{problem}");
        }
    }
}

#[test]
fn a_body_or_a_batch_beyond_its_limit_is_refused_by_name() {
    let scene = Scene::with_config(|config| {
        config.body_limit = 2_000;
        config.batch_limit = 2;
    });
    scene.ring("ES256");
    let (status, problem) = scene.sign(&json!({"big": "x".repeat(3_000)}));
    assert_eq!((status, &problem["code"]), (413, &json!("body_too_large")));
    let three = json!({"batch": [{"claims": {}}, {"claims": {}}, {"claims": {}}]});
    let (status, problem) = scene.post("/v1/rings/billing.test/sign", &three);
    assert_eq!((status, &problem["code"]), (413, &json!("batch_too_large")));
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    use std::io::{Read, Write};

    let scene = Scene::with_config(|config| config.body_timeout = Duration::from_millis(50));
    let mut stream = std::net::TcpStream::connect(scene.address).unwrap();
    let head = format!(
        "POST /v1/rings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OPERATOR}\r\n\
         Content-Length: 9\r\nConnection: close\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("body_too_slow"), "{answer}");
}

#[test]
fn the_server_speaks_http_2() {
    let scene = Scene::new();
    let client = reqwest::blocking::Client::builder().http2_prior_knowledge().build().unwrap();
    let response = client.get(scene.url("/healthz")).send().unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.text().unwrap(), "ok");
}
