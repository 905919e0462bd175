//! Webhooks: told of each change, signed so that the receiver can tell, again after a failure.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use keytide_jose::Algorithm;
use keytide_jose::key::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::Scene;

const WEBHOOKS: &str = "/v1/rings/billing.test/webhooks";

/// A request as it came.
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> String {
        let mut lines = self.head.lines();
        let line = lines.find(|line| line.to_lowercase().starts_with(name));
        line.unwrap().split_once(": ").unwrap().1.to_owned()
    }
}

/// Takes one request and answers with this status.
fn receive(listener: &TcpListener, status: &str) -> Received {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0);
    }
    let received = Received { head, body: String::new() };
    let mut body = vec![0; received.header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    Received { body: String::from_utf8(body).unwrap(), ..received }
}

fn busy() -> Scene {
    Scene::with_config(|config| config.tick = Duration::from_millis(10))
}

fn add(scene: &Scene, listener: &TcpListener) -> Value {
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let (status, added) = scene.post(WEBHOOKS, &json!({ "url": url }));
    assert_eq!(status, 201, "{added}");
    added
}

fn standing(scene: &Scene) -> Value {
    let list: Value = scene.get(WEBHOOKS).json().unwrap();
    list["webhooks"][0].clone()
}

/// Asks until the attempt is written down.
fn after_attempts(scene: &Scene, count: usize) -> Value {
    loop {
        let standing = standing(scene);
        if standing["attempts"].as_array().unwrap().len() == count {
            return standing;
        }
    }
}

/// What the specification makes of id, timestamp and body.
fn signature(secret: &str, received: &Received) -> String {
    let secret = secret.strip_prefix("whsec_").unwrap().replace('+', "-").replace('/', "_");
    let jwk = json!({"kty": "oct", "k": secret.trim_end_matches('=')}).to_string();
    let jwk = keytide_jose::jwk::PrivateJwk::parse(jwk.as_bytes()).unwrap();
    let key = SigningKey::from_jwk(&jwk, Some(Algorithm::HS256)).unwrap();
    let (id, at) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let tag = key.sign(format!("{id}.{at}.{}", received.body).as_bytes()).unwrap();
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The signature that came, in hex.
fn came(received: &Received) -> String {
    let header = received.header("webhook-signature");
    let coded = header.strip_prefix("v1,").unwrap();
    let mut bits = 0_u32;
    let mut bytes = Vec::new();
    for (nth, c) in coded.bytes().filter(|c| *c != b'=').enumerate() {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            .iter()
            .position(|known| *known == c)
            .unwrap();
        bits = bits << 6 | u32::try_from(digit).unwrap();
        if nth % 4 != 0 {
            let spare = [0, 4, 2, 0][nth % 4];
            bytes.push((bits >> spare & 0xff) as u8);
        }
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_change_is_told_once_signed_and_without_secrets() {
    let scene = busy();
    let ring = scene.ring("HS256");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let added = add(&scene, &listener);
    let secret = added["secret"].as_str().unwrap();
    assert!(standing(&scene).get("secret").is_none(), "it is shown once");
    let kid = ring["keys"][0]["kid"].as_str().unwrap();
    scene.post(&format!("/v1/rings/billing.test/keys/{kid}/revoke"), &json!({}));

    let received = receive(&listener, "204 No Content");
    assert!(received.head.starts_with("POST /keys "), "{}", received.head);
    let body: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(body["type"], "ring.epoch");
    assert_eq!(body["data"]["epoch"], 2);
    let changes = json!(["key_activate", "key_publish", "key_revoke"]);
    assert_eq!(body["data"]["changes"], changes, "{body}");
    assert_eq!(came(&received), signature(secret, &received));
    let standing = after_attempts(&scene, 1);
    assert_eq!((&standing["told"], &standing["failures"]), (&json!(2), &json!(0)), "{standing}");
    assert_eq!(standing["attempts"][0]["status"], 204);
}

#[test]
fn what_fails_is_told_again_later_under_the_same_id_and_a_redirect_is_a_failure() {
    let scene = busy();
    scene.ring("ES256");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    add(&scene, &listener);
    scene.post("/v1/rings/billing.test/consumers", &json!("jose"));
    let first = receive(&listener, "302 Found\r\nlocation: http://127.0.0.1:1/");
    let failed = after_attempts(&scene, 1);
    assert_eq!((&failed["told"], &failed["failures"]), (&json!(1), &json!(1)), "{failed}");
    let again_at: jiff::Timestamp = failed["next_attempt_at"].as_str().unwrap().parse().unwrap();
    assert!(again_at > "2026-01-01T00:00:03Z".parse().unwrap(), "{again_at}");

    scene.pass(10);
    let second = receive(&listener, "200 OK");
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    let told = after_attempts(&scene, 2);
    assert_eq!((&told["told"], &told["failures"]), (&json!(2), &json!(0)), "{told}");
}

#[test]
fn a_webhook_needs_a_proper_url_and_is_taken_away_by_its_name() {
    let scene = Scene::new();
    scene.ring("ES256");
    for url in ["ftp://a.example", "https://u:p@a.example", "https://", "http://169.254.169.254/"] {
        let (status, problem) = scene.post(WEBHOOKS, &json!({ "url": url }));
        assert_eq!((status, &problem["code"]), (422, &json!("bad_webhook")), "{url}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let id = add(&scene, &listener)["id"].as_str().unwrap().to_owned();
    let path = format!("{WEBHOOKS}/{id}");
    let log = json!(scene.audit()).to_string();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    assert!(log.contains(&origin) && !log.contains(&format!("{origin}/")), "{log}");
    assert_eq!(scene.send(Method::DELETE, &path, &json!({})).0, 204);
    let (status, problem) = scene.send(Method::DELETE, &path, &json!({}));
    assert_eq!((status, &problem["code"]), (404, &json!("webhook_not_found")));
    for _ in 0..16 {
        add(&scene, &listener);
    }
    let (status, problem) = scene.post(WEBHOOKS, &json!({"url": "https://one.too.many"}));
    assert_eq!((status, &problem["code"]), (422, &json!("bad_webhook")));
}
