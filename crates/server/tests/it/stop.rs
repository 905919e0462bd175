//! Stopping under load: whoever was let in gets an answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::json;

use crate::scene::{OPERATOR, Scene};

#[test]
fn no_request_fails_half_way_when_the_server_stops_under_load() {
    let mut scene = Scene::new();
    scene.ring("ES256");
    let url = scene.url("/v1/rings/billing.test/sign");
    let answered = AtomicU64::new(0);
    let ended = thread::scope(|threads| {
        let mut callers = Vec::new();
        for caller in 0..8 {
            let (url, answered) = (&url, &answered);
            callers.push(threads.spawn(move || {
                // Half of them keep their connection, half open a new one for each request.
                let kept = caller % 2;
                let client = reqwest::blocking::Client::builder().pool_max_idle_per_host(kept);
                let client = client.build().unwrap();
                loop {
                    let request = client.post(url).bearer_auth(OPERATOR);
                    match request.json(&json!({"claims": {"sub": "load"}})).send() {
                        Ok(response) => {
                            assert_eq!(response.status(), 200);
                            assert!(response.text().unwrap().contains("token"));
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        // The door is closed: nothing was begun.
                        Err(error) if error.is_connect() => return,
                        Err(error) => panic!("a request failed half-way: {error:?}"),
                    }
                }
            }));
        }
        while answered.load(Ordering::Relaxed) < 200 {
            thread::yield_now();
        }
        scene.tell_to_stop();
        let ended = scene.wait_until_stopped();
        for caller in callers {
            caller.join().unwrap();
        }
        ended
    });
    assert!(ended, "every request in flight ended by itself");
}
