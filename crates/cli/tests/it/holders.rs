//! Three processes that share one HMAC secret, each holding it for its whole life, through rotations of a real server.
//!
//! As in the tests of consumers, nothing is asserted about speed: what is waited for is an event.

use std::collections::VecDeque;
use std::thread::sleep;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::foreign::Foreign;
use crate::program::Program;
use crate::server_process::ServerProcess;

const RING: &str = "/v1/rings/shared.test";
/// How long a token lives, in seconds.
const TTL: u32 = 4;
/// Between two rounds of minting and verifying.
const ROUND: Duration = Duration::from_millis(200);
/// Reached only when what is waited for never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

#[test]
fn a_shared_secret_rotates_under_processes_that_restart_late_or_never_and_no_token_is_refused() {
    let mut scene = Scene::start();
    for instance in ["prompt", "late", "never"] {
        scene.start_holder(instance, "tells");
    }

    // All three had the next key from their start on.
    scene.wait("the first switch is safe", |scene| scene.post("/rotate", &json!({})).0 == 200);
    let second = scene.signs();
    scene.restart("prompt");
    scene.rounds(5);

    // The key after that one is unknown to whoever did not restart since.
    assert_eq!(scene.post("/rotate", &json!({"when": "safe"})).0, 200);
    scene.wait("no time stands against it", |scene| scene.no_time_is_in_the_way());
    assert_eq!(scene.waits_for(), ["late", "never"]);
    scene.rounds(5);
    assert_eq!(scene.signs(), second, "it waits, however long that takes");
    scene.restart("late");
    assert_eq!(scene.waits_for(), ["never"]);
    let told = scene.explain();
    let named: Vec<_> =
        told["sentences"].as_array().unwrap().iter().map(Value::to_string).collect();
    let waiting: Vec<_> = named.iter().filter(|said| said.contains("cannot sign yet")).collect();
    assert!(waiting.len() == 1 && waiting[0].contains("`never`"), "{named:?}");
    scene.rounds(10);
    assert_eq!(scene.signs(), second);

    // It dies; once its lease has ended nobody waits for it.
    scene.holders.retain(|holder| holder.instance != "never");
    let lease = unix_seconds(&scene.explain()["rotate"]["waits_for"][0]["lease_until"]);
    scene.wait("the switch comes when the lease ends", |scene| scene.signs() != second);
    assert!(now() >= lease, "the lease was still running");
    let third = scene.signs();

    // One that cannot say what it has loaded is answered for.
    scene.restart("prompt");
    scene.restart("late");
    scene.start_holder("mute", "mute");
    assert_eq!(scene.post("/rotate", &json!({"when": "safe"})).0, 200);
    scene.wait("no time stands against it", |scene| scene.no_time_is_in_the_way());
    scene.rounds(10);
    assert_eq!(scene.signs(), third);
    assert_eq!(scene.waits_for(), ["mute"]);
    scene.assume_restarted("mute");
    scene.wait("the switch comes on an operator's word", |scene| scene.signs() != third);
    scene.wait("every token was judged to its end", |scene| {
        scene.minting = false;
        scene.pending.is_empty()
    });
    assert!(scene.judged > 500, "only {} answers", scene.judged);
}

#[test]
fn whoever_waits_at_a_server_hears_of_a_change_that_another_process_made() {
    let server = ServerProcess::start();
    let keys = "/v1/rings/demo.development/keys?consumer=api&instance=api-1";
    let first = server.request("GET", keys, "").body;
    let program = Program::new();
    let kid = first["active"]["kid"].as_str().unwrap();
    let store = server.store();
    std::thread::scope(|threads| {
        let waits = format!("{keys}&after={}&wait=30s", first["epoch"]);
        let waiting = threads.spawn({
            let server = &server;
            move || server.request("GET", &waits, "")
        });
        // Not over HTTP: the command line opens the store itself, as another node would.
        let revoke = ["ring", "revoke", "demo.development", kid];
        program.done(&[&revoke[..], &["--store", store.to_str().unwrap()]].concat());
        let done = Instant::now();
        let answer = waiting.join().unwrap();
        println!("the waiting one was answered {:?} after the command ended", done.elapsed());
        assert_eq!((answer.status, &answer.body["active"]), (200, &first["next"]));
    });
}

/// The server, the processes that hold its secret, and the tokens to be shown again in their last second.
struct Scene {
    server: ServerProcess,
    holders: Vec<Holder>,
    pending: VecDeque<(f64, Token)>,
    minting: bool,
    judged: usize,
}

struct Holder {
    instance: &'static str,
    manner: &'static str,
    program: Foreign,
}

#[derive(Clone)]
struct Token {
    text: String,
    kid: String,
    by: String,
    expires_at: f64,
}

impl Scene {
    fn start() -> Self {
        let server = ServerProcess::start();
        server.post(
            "/v1/rings",
            &json!({
                "name": "shared.test", "algorithm": "HS256", "rotate_every": "1d",
                "token_ttl": format!("{TTL}s"), "propagation": "4s", "clock_error": "100ms",
                "signer_lag": "3s", "leeway": "0s", "max_age": "1s", "issuer": null,
                "consumers": [{"name": "api", "acknowledges": true, "lease": "6s"}],
            }),
        );
        let (holders, pending) = (Vec::new(), VecDeque::new());
        Self { server, holders, pending, minting: true, judged: 0 }
    }

    fn start_holder(&mut self, instance: &'static str, manner: &'static str) {
        let url = format!("http://{}", self.server.address());
        let ttl = TTL.to_string();
        let args = [&url, "shared.test", "api", instance, manner, &ttl];
        let mut program = Foreign::start("consumers/secret_holder.py", &args);
        let loaded = program.ask(self.server.operator_token());
        assert!(loaded.starts_with("loaded "), "{loaded}");
        self.holders.push(Holder { instance, manner, program });
    }

    /// Ends a process and starts it anew: it loads the set as it is then.
    fn restart(&mut self, instance: &'static str) {
        let place = self.holders.iter().position(|holder| holder.instance == instance).unwrap();
        let manner = self.holders.remove(place).manner;
        self.start_holder(instance, manner);
    }

    /// Has everybody mint a token and everybody verify it, and again what is about to end.
    fn round(&mut self) {
        if self.minting {
            let mut fresh = vec![self.signed_by_the_server()];
            fresh.extend(self.holders.iter_mut().map(Holder::mint));
            for token in fresh {
                self.judge(&token);
                self.pending.push_back((token.expires_at - 0.7, token));
            }
        }
        while self.pending.front().is_some_and(|(at, _)| *at <= now()) {
            let (_, token) = self.pending.pop_front().unwrap();
            self.judge(&token);
        }
        sleep(ROUND);
    }

    fn rounds(&mut self, count: usize) {
        (0..count).for_each(|_| self.round());
    }

    fn wait(&mut self, what: &str, mut so: impl FnMut(&mut Self) -> bool) {
        let started = Instant::now();
        while !so(self) {
            assert!(started.elapsed() < LONGEST_WAIT, "it never came: {what}");
            self.round();
        }
    }

    fn judge(&mut self, token: &Token) {
        let Token { text, kid, by, expires_at } = token;
        for holder in &mut self.holders {
            let answer = holder.program.ask(&format!("verify {text}"));
            let in_time = now() < *expires_at;
            assert!(
                !in_time || answer == format!("ok {kid}"),
                "{} on {by}'s token: {answer}",
                holder.instance
            );
            self.judged += 1;
        }
        let (status, verdict) = self.post("/verify", &json!({ "token": text }));
        assert!(status == 200 && (now() >= *expires_at || verdict["valid"] == true), "{verdict}");
        self.judged += 1;
    }

    fn signed_by_the_server(&self) -> Token {
        let (status, answer) = self.post("/sign", &json!({"claims": {"sub": "server"}}));
        assert_eq!(status, 200, "{answer}");
        Token {
            text: answer["token"].as_str().unwrap().to_owned(),
            kid: answer["kid"].as_str().unwrap().to_owned(),
            by: "the server".to_owned(),
            expires_at: unix_seconds(&answer["expires_at"]),
        }
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.server.request("POST", &format!("{RING}{path}"), &body.to_string());
        (answer.status, answer.body)
    }

    fn explain(&self) -> Value {
        self.server.request("GET", &format!("{RING}/explain"), "").body
    }

    fn signs(&self) -> Value {
        self.explain()["keys"][0]["kid"].clone()
    }

    fn no_time_is_in_the_way(&self) -> bool {
        let told = self.explain();
        unix_seconds(&told["now"]) >= unix_seconds(&told["rotate"]["earliest_safe_at"])
    }

    /// The instances that the switch waits for.
    fn waits_for(&self) -> Vec<String> {
        let told = self.explain();
        let waits = told["rotate"]["waits_for"].as_array().cloned().unwrap_or_default();
        waits.iter().map(|one| one["instance"].as_str().unwrap().to_owned()).collect()
    }

    fn assume_restarted(&self, instance: &str) {
        let program = Program::new();
        let url = format!("http://{}", self.server.address());
        let args = ["ring", "consumer", "assume-restarted", "shared.test", "api", "--instance"];
        let more = [instance, "--reason", "it was restarted by hand", "--server", &url];
        let env = [("KEYTIDE_TOKEN", self.server.operator_token())];
        let ran = program.run_with(&[&args[..], &more[..]].concat(), b"", &env);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        assert!(ran.text().contains(instance), "{}", ran.text());
    }
}

impl Holder {
    fn mint(&mut self) -> Token {
        let answer = self.program.ask("mint");
        let parts: Vec<&str> = answer.split(' ').collect();
        let [_, text, kid, expires_at] = parts[..] else { panic!("{answer}") };
        Token {
            text: text.to_owned(),
            kid: kid.to_owned(),
            by: self.instance.to_owned(),
            expires_at: expires_at.parse().unwrap(),
        }
    }
}

fn unix_seconds(timestamp: &Value) -> f64 {
    let at: jiff::Timestamp = timestamp.as_str().unwrap().parse().unwrap();
    at.as_duration().as_secs_f64()
}

fn now() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}
