//! Sign and verify over HTTP, one and many.

use serde_json::{Value, json};

use crate::scene::Scene;

#[test]
fn a_signed_token_verifies_with_its_claims_header_and_kid() {
    for algorithm in ["ES256", "HS256", "EdDSA", "RS256"] {
        let scene = Scene::new();
        scene.ring(algorithm);
        let (status, signed) = scene.sign(&json!({"sub": "alice", "admin": true}));
        assert_eq!(status, 200, "{signed}");
        assert_eq!(signed["expires_at"], "2026-01-01T01:00:00Z");
        let (status, verified) =
            scene.post("/v1/rings/billing.test/verify", &json!({"token": signed["token"]}));
        assert_eq!(status, 200);
        assert_eq!(verified["valid"], true, "{verified}");
        assert_eq!(verified["kid"], signed["kid"]);
        assert_eq!(verified["header"]["alg"], algorithm);
        assert_eq!(verified["header"]["typ"], "JWT");
        assert_eq!(verified["claims"]["sub"], "alice");
        assert_eq!(verified["claims"]["iat"], 1_767_225_600);
        assert_eq!(
            verified["claims"]["iss"],
            json!(format!("http://{}/rings/billing.test", scene.address))
        );
    }
}

#[test]
fn an_invalid_token_is_an_answer_with_a_code_and_a_hint_not_an_error() {
    let scene = Scene::new();
    scene.ring("ES256");
    let (_, signed) = scene.sign(&json!({"aud": "billing"}));
    let token = signed["token"].as_str().unwrap();
    let (head, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(86));
    let verify = |body: Value| {
        let (status, answer) = scene.post("/v1/rings/billing.test/verify", &body);
        assert_eq!((status, &answer["valid"]), (200, &json!(false)), "{answer}");
        assert!(answer["error"]["message"].is_string() && answer["error"]["hint"].is_string());
        answer["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(verify(json!({"token": "nonsense"})), "malformed_token");
    assert_eq!(verify(json!({"token": forged})), "bad_signature");
    assert_eq!(verify(json!({"token": token})), "aud_mismatch");
    assert_eq!(verify(json!({"token": token, "audience": "other"})), "aud_mismatch");
    scene.pass(3_606);
    assert_eq!(verify(json!({"token": token, "audience": "billing"})), "expired");
    let lenient = json!({"token": token, "audience": "billing", "leeway": "60s"});
    assert_eq!(scene.post("/v1/rings/billing.test/verify", &lenient).1["valid"], true);
}

#[test]
fn a_batch_answers_item_by_item_in_order() {
    let scene = Scene::new();
    scene.ring("HS256");
    let asked = json!({"batch": [
        {"claims": {"n": 1}}, {"claims": {"iat": 1}}, {"claims": {"n": 3}, "ttl": "5m"},
    ]});
    let (status, signed) = scene.post("/v1/rings/billing.test/sign", &asked);
    assert_eq!(status, 200);
    assert_eq!(signed["batch"][1]["error"]["code"], "claim_conflict");
    assert_eq!(signed["batch"][2]["expires_at"], "2026-01-01T00:05:00Z");
    let tokens: Vec<_> =
        [0, 2].iter().map(|n| json!({"token": signed["batch"][n]["token"]})).collect();
    let asked = json!({"batch": [tokens[0], {"token": "x"}, tokens[1]]});
    let (_, verified) = scene.post("/v1/rings/billing.test/verify", &asked);
    assert_eq!(verified["batch"][0]["claims"]["n"], 1);
    assert_eq!(verified["batch"][1]["valid"], false);
    assert_eq!(verified["batch"][2]["claims"]["n"], 3);
}
