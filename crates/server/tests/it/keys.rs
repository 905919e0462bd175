//! Keys for those that work with them: delivered by role, waited for, acknowledged, told of as events.

use std::io::{BufRead, BufReader};
use std::thread;

use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::scene::{OPERATOR, READER, SIGNER, Scene};

const KEYS: &str = "/v1/rings/billing.test/keys";
const ME: &str = "consumer=api&instance=api-1";

fn symmetric(scene: &Scene) -> Value {
    let ring = json!({
        "name": "billing.test", "algorithm": "HS256",
        "consumers": [{"name": "api", "acknowledges": true, "lease": "60s"}],
    });
    let (status, ring) = scene.post("/v1/rings", &ring);
    assert_eq!(status, 201, "{ring}");
    ring
}

fn fetch(scene: &Scene, query: &str) -> Response {
    let url = scene.url(&format!("{KEYS}?{query}"));
    scene.client.get(url).bearer_auth(READER).send().unwrap()
}

fn acknowledge(scene: &Scene, instance: &str, epoch: u64) -> (u16, Value) {
    let said = json!({"consumer": "api", "instance": instance, "epoch": epoch});
    let url = scene.url("/v1/rings/billing.test/acknowledge");
    let body = said.to_string();
    let request = scene.client.post(url).bearer_auth(READER);
    let response = request.header("content-type", "application/json").body(body).send().unwrap();
    (response.status().as_u16(), response.json().unwrap())
}

#[test]
fn a_symmetric_ring_delivers_its_secrets_by_role_to_those_who_say_who_they_are() {
    let scene = Scene::new();
    let ring = symmetric(&scene);
    let response = fetch(&scene, ME);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["etag"], "\"1\"");
    let set: Value = response.json().unwrap();
    assert_eq!((&set["epoch"], &set["algorithm"]), (&json!(1), &json!("HS256")));
    assert_eq!(set["lease_until"], "2026-01-01T00:01:00Z");
    for (nth, role) in ["active", "next"].into_iter().enumerate() {
        let jwk = &set[role];
        assert_eq!((&jwk["kty"], &jwk["alg"]), (&json!("oct"), &json!("HS256")), "{jwk}");
        assert_eq!(jwk["kid"], ring["keys"][nth]["kid"]);
        // The base64url of a secret that is the base64url of 32 random bytes itself.
        assert_eq!(jwk["k"].as_str().unwrap().len(), 58);
    }
    assert_eq!(set["previous"], json!([]));
    assert_eq!(fetch(&scene, "").status(), 400, "nameless");
    assert_eq!(fetch(&scene, "consumer=api").status(), 400);
    let signer = scene.client.get(scene.url(&format!("{KEYS}?{ME}"))).bearer_auth(SIGNER);
    assert_eq!(signer.send().unwrap().status(), 403);
}

#[test]
fn an_asymmetric_ring_delivers_public_keys_alone() {
    let scene = Scene::new();
    scene.ring("ES256");
    let set: Value = fetch(&scene, "").json().unwrap();
    for role in ["active", "next"] {
        let jwk = set[role].as_object().unwrap();
        assert!(jwk.contains_key("x") && !jwk.contains_key("d"), "{jwk:?}");
    }
}

#[test]
fn only_the_first_delivery_to_an_instance_is_recorded() {
    let scene = Scene::new();
    symmetric(&scene);
    fetch(&scene, ME);
    scene.pass(10);
    fetch(&scene, ME);
    fetch(&scene, "consumer=api&instance=api-2");
    let delivered: Vec<_> =
        scene.audit().into_iter().filter(|record| record["action"] == "key_deliver").collect();
    let instances: Vec<_> = delivered.iter().map(|record| &record["detail"]["instance"]).collect();
    assert_eq!(instances, ["api-1", "api-2"]);
    assert_eq!(delivered[0]["actor"]["subject"], "reader");
}

#[test]
fn what_is_known_already_is_not_sent_again_and_the_lease_is_renewed_all_the_same() {
    let scene = Scene::new();
    symmetric(&scene);
    fetch(&scene, ME);
    scene.pass(50);
    let url = scene.url(&format!("{KEYS}?{ME}"));
    let known = scene.client.get(url).bearer_auth(READER).header("if-none-match", "\"1\"");
    let known = known.send().unwrap();
    assert_eq!((known.status().as_u16(), known.text().unwrap().as_str()), (304, ""));
    let none_newer = fetch(&scene, &format!("{ME}&after=1&wait=0s"));
    assert_eq!(none_newer.status(), 304);
    let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
    let instance = &told["consumers"][0]["instances"][0];
    assert_eq!(instance["lease_until"], "2026-01-01T00:01:50Z", "{told}");
}

#[test]
fn whoever_waits_is_answered_at_once_when_the_epoch_changes() {
    let scene = Scene::new();
    let ring = symmetric(&scene);
    let kid = ring["keys"][0]["kid"].as_str().unwrap();
    thread::scope(|threads| {
        let waiting = threads.spawn(|| fetch(&scene, &format!("{ME}&after=1&wait=60s")));
        // It is heard of once it waits.
        until(|| {
            let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
            told["consumers"][0]["instances"] != Value::Null
        });
        let revoke = format!("/v1/rings/billing.test/keys/{kid}/revoke");
        assert_eq!(scene.post(&revoke, &json!({})).0, 200);
        let set: Value = waiting.join().unwrap().json().unwrap();
        assert_eq!(set["epoch"], 2);
        assert_eq!(set["active"]["kid"], ring["keys"][1]["kid"]);
    });
}

#[test]
fn who_lost_its_permission_while_it_waited_gets_no_newer_keys() {
    let scene = Scene::new();
    let ring = symmetric(&scene);
    let kid = ring["keys"][0]["kid"].as_str().unwrap();
    let events = scene.client.get(scene.url("/v1/rings/billing.test/events"));
    let events = events.bearer_auth(READER).send().unwrap();
    thread::scope(|threads| {
        let waiting = threads.spawn(|| fetch(&scene, &format!("{ME}&after=1&wait=60s")));
        until(|| {
            let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
            told["consumers"][0]["instances"] != Value::Null
        });
        assert_eq!(scene.send(Method::DELETE, "/v1/access/reader", &json!({})).0, 200);
        let revoke = format!("/v1/rings/billing.test/keys/{kid}/revoke");
        assert_eq!(scene.post(&revoke, &json!({})).0, 200);
        let refused = waiting.join().unwrap();
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.json::<Value>().unwrap()["code"], "credentials_refused");
    });
    let told = events.text().unwrap();
    assert!(told.contains("id: 1\n") && !told.contains("id: 2\n"), "{told}");
}

#[test]
fn a_change_by_another_node_wakes_those_who_wait_here_with_the_next_refresh() {
    let scene = Scene::new();
    symmetric(&scene);
    let other = scene.another_node();
    thread::scope(|threads| {
        let waiting = threads.spawn(|| fetch(&scene, &format!("{ME}&after=1&wait=60s")));
        until(|| {
            let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
            told["consumers"][0]["instances"] != Value::Null
        });
        other.roll_policy();
        scene.keeper.refresh().unwrap();
        assert_eq!(waiting.join().unwrap().json::<Value>().unwrap()["epoch"], 2);
    });
}

#[test]
fn a_stopping_server_sends_those_who_wait_away() {
    let mut scene = Scene::new();
    symmetric(&scene);
    fetch(&scene, ME);
    let url = scene.url(&format!("{KEYS}?{ME}&after=1&wait=60s"));
    let client = scene.client.clone();
    let waiting = thread::spawn(move || client.get(url).bearer_auth(READER).send().unwrap());
    let events = scene.client.get(scene.url("/v1/rings/billing.test/events"));
    let events = events.bearer_auth(READER).send().unwrap();
    until(|| scene.get("/metrics").text().unwrap().contains("events"));
    scene.tell_to_stop();
    assert_eq!(waiting.join().unwrap().status(), 304);
    assert!(events.text().unwrap().contains("event: epoch"), "the stream ends");
    assert!(scene.wait_until_stopped(), "every request ended");
}

#[test]
fn the_switch_comes_when_the_last_one_acknowledged_and_explain_names_whom_it_waits_for() {
    let scene = Scene::new();
    let ring = symmetric(&scene);
    for instance in ["api-1", "api-2"] {
        fetch(&scene, &format!("consumer=api&instance={instance}"));
        let (status, answer) = acknowledge(&scene, instance, 1);
        assert_eq!((status, &answer["epoch"]), (200, &json!(1)), "{answer}");
    }
    assert_eq!(acknowledge(&scene, "api-1", 9).1["code"], "bad_check_in");
    let revoked = format!("/v1/rings/billing.test/keys/{}/revoke", ring["keys"][1]["kid"]);
    assert_eq!(scene.post(&revoked.replace('"', ""), &json!({})).0, 200);

    // The next key is a new one now, which both have yet to load.
    for _ in 0..8 {
        scene.pass(50);
        acknowledge(&scene, "api-1", 2);
        fetch(&scene, "consumer=api&instance=api-2");
    }
    let (status, refused) = scene.post("/v1/rings/billing.test/rotate", &json!({}));
    assert_eq!((status, &refused["code"]), (409, &json!("not_acknowledged")), "{refused}");
    let waits = refused["waits_for"].as_array().unwrap();
    assert_eq!(waits.len(), 1);
    assert_eq!((&waits[0]["instance"], &waits[0]["loaded"]), (&json!("api-2"), &json!(1)));
    assert_eq!(scene.post("/v1/rings/billing.test/rotate", &json!({"when": "safe"})).0, 200);
    let told: Value = scene.get("/v1/rings/billing.test/explain").json().unwrap();
    let sentences = told["sentences"].to_string();
    assert!(sentences.contains("`api-2`") && !sentences.contains("`api-1`"), "{sentences}");

    let (status, switched) = acknowledge(&scene, "api-2", 2);
    assert_eq!((status, &switched["epoch"]), (200, &json!(4)), "{switched}");
}

#[test]
fn events_tell_every_epoch_and_what_changed_and_resume_where_they_were() {
    let scene = Scene::new();
    let ring = scene.ring("ES256");
    let kid = ring["keys"][0]["kid"].as_str().unwrap();
    let open = |last: Option<&str>| {
        let request = scene.client.get(scene.url("/v1/rings/billing.test/events"));
        let request = request.bearer_auth(OPERATOR);
        let request = last.iter().fold(request, |request, id| request.header("last-event-id", *id));
        let response = request.send().unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        BufReader::new(response)
    };
    let mut stream = open(None);
    let first = event(&mut stream);
    assert_eq!((first.0.as_str(), &first.1["active"]), ("1", &json!(kid)));
    assert_eq!(first.1.get("changed"), None);
    scene.post(&format!("/v1/rings/billing.test/keys/{kid}/revoke"), &json!({}));
    let second = event(&mut stream);
    assert_eq!((second.0.as_str(), &second.1["changed"]), ("2", &json!(["active", "next"])));
    let mut resumed = open(Some("2"));
    scene.post("/v1/rings/billing.test/consumers", &json!("jose"));
    assert_eq!(event(&mut resumed).1["changed"], json!(["policy"]));
    assert_eq!(event(&mut stream).0, "3");
    let mut late = open(Some("1"));
    assert_eq!(event(&mut late).0, "3");
    let path = scene.url("/v1/rings/billing.test");
    scene.client.delete(path).bearer_auth(OPERATOR).send().unwrap();
    assert_eq!(stream.lines().map(Result::unwrap).collect::<String>(), "", "it ends with the ring");
}

/// The next event: its id and its data.
fn event(stream: &mut impl BufRead) -> (String, Value) {
    let (mut id, mut data) = (String::new(), None);
    loop {
        let mut line = String::new();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "the stream ended");
        match line.trim_end().split_once(": ") {
            Some(("id", value)) => id = value.to_owned(),
            Some(("data", value)) => data = Some(serde_json::from_str(value).unwrap()),
            Some(_) => {}
            None => {
                if let Some(data) = data.take() {
                    return (id, data);
                }
            }
        }
    }
}

/// Asks until it is so; what is asked takes a while each time.
fn until(mut so: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if so() {
            return;
        }
    }
    panic!("it never came");
}
