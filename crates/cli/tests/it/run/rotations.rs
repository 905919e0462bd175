//! A Node and a Python server that share a secret, under constant load through rotations: no valid token is refused.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use super::supervised::{LONGEST_WAIT, Start, Supervised, free_port, instances, make_ring};
use crate::foreign::tool;
use crate::server_process::ServerProcess;

const RING: &str = "shared.test";
const ROTATIONS: usize = 5;

#[test]
fn five_rotations_with_restarts_refuse_no_token() {
    through_rotations(&["--on-change", "restart"]);
}

#[test]
fn five_rotations_with_a_signal_to_reload_refuse_no_token() {
    through_rotations(&["--deliver", "file", "--on-change", "signal:HUP", "--settle", "500ms"]);
}

#[test]
fn a_new_process_takes_over_when_it_is_ready_and_no_request_fails() {
    let mut scene = Scene::start();
    let port = free_port();
    let ready = format!("http://127.0.0.1:{port}/ready");
    let args = ["--rolling", "--readiness", &ready, "--debounce", "200ms"];
    scene.start_server("server.py", port, &args);
    let first = scene.servers[0].pid();
    scene.rotate("the first rotation");
    scene.wait("another process took over", |scene| scene.servers[0].pid() != first);
    scene.judge_the_rest();
    assert_eq!(scene.unreachable, 0, "a request met nobody");
}

#[test]
fn a_program_that_says_it_works_with_its_old_keys_is_not_said_to_have_loaded_the_new_ones() {
    // It hears of the one signal and reads its files, and does nothing about the other.
    for (signal, reads) in [("signal:HUP", true), ("signal:WINCH", false)] {
        let mut scene = Scene::start();
        let port = free_port();
        let ready = format!("http://127.0.0.1:{port}/ready");
        let args = ["--deliver", "file", "--on-change", signal, "--settle", "100ms", "--debounce"];
        let more = ["100ms", "--readiness", &ready, "--readiness-timeout", "1s"];
        scene.start_server("server.py", port, &[&args[..], &more[..]].concat());
        let first = scene.explain()["epoch"].clone();
        scene.wait("its first keys are told", |scene| scene.all_loaded(&first));
        let body = json!({"when": "now", "force": true, "reason": "a test"}).to_string();
        let answer = scene.home.request("POST", &format!("/v1/rings/{RING}/rotate"), &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        if reads {
            let now = scene.explain()["epoch"].clone();
            scene.servers[0].run.wait("the new keys are told", |_| {
                let told = instances(&scene.home, RING);
                told.iter().all(|one| one["epoch"] == now).then_some(())
            });
        } else {
            let server = &mut scene.servers[0].run;
            server.wait("it is not ready", |run| run.err().contains("not ready").then_some(()));
            assert!(scene.all_loaded(&first), "{:?}", instances(&scene.home, RING));
        }
    }
}

fn through_rotations(args: &[&str]) {
    let mut scene = Scene::start();
    let args = [args, &["--debounce", "500ms"]].concat();
    scene.start_server("server.py", free_port(), &args);
    scene.start_server("server.cjs", free_port(), &args);
    for nth in 1..=ROTATIONS {
        scene.rotate(&format!("rotation {nth}"));
    }
    scene.judge_the_rest();
    let Scene { judged, late, unreachable, .. } = scene;
    println!("{judged} verdicts, none refused; {late} came too late, {unreachable} met nobody");
    assert!(judged > 500, "only {judged} verdicts");
}

/// The ring's server, the servers that share its secret, and the tokens to be shown again in their last second.
struct Scene {
    home: ServerProcess,
    servers: Vec<Server>,
    pending: VecDeque<(f64, Token)>,
    judged: usize,
    late: usize,
    unreachable: usize,
}

struct Server {
    name: &'static str,
    port: u16,
    run: Supervised,
}

#[derive(Clone)]
struct Token {
    text: String,
    by: &'static str,
    expires_at: f64,
}

impl Scene {
    fn start() -> Self {
        let home = ServerProcess::start();
        make_ring(&home, RING);
        let (servers, pending) = (Vec::new(), VecDeque::new());
        Self { home, servers, pending, judged: 0, late: 0, unreachable: 0 }
    }

    fn start_server(&mut self, script: &'static str, port: u16, args: &[&str]) {
        let is_python = script.ends_with("py");
        let program = tool(if is_python { "KEYTIDE_TEST_PYTHON" } else { "KEYTIDE_TEST_NODE" });
        let path = format!("{}/../../tests/run/{script}", env!("CARGO_MANIFEST_DIR"));
        let url = format!("http://{}", self.home.address());
        let args = [&["--ring", RING], args].concat();
        let command = [program.to_str().unwrap(), &path, &port.to_string()];
        let token = self.home.operator_token();
        let run = Start { url: &url, token, args: &args, command: &command }.run();
        let mut server = Server { name: script, port, run };
        let at = server.port;
        server.run.wait("it listens", |_| ask(at, "/ready"));
        self.servers.push(server);
    }

    /// Makes the next key sign, and waits until every program works with that.
    fn rotate(&mut self, what: &str) {
        let before = self.explain();
        let path = format!("/v1/rings/{RING}/rotate");
        let answer = self.home.request("POST", &path, &json!({"when": "safe"}).to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.wait(what, |scene| {
            let told = scene.explain();
            told["keys"][0]["kid"] != before["keys"][0]["kid"] && scene.all_loaded(&told["epoch"])
        });
    }

    fn all_loaded(&self, epoch: &Value) -> bool {
        let known = instances(&self.home, RING);
        let live: Vec<_> = known.iter().filter(|one| one["live"] == true).collect();
        live.len() == self.servers.len() && live.iter().all(|one| one["epoch"] == *epoch)
    }

    fn explain(&self) -> Value {
        self.home.request("GET", &format!("/v1/rings/{RING}/explain"), "").body
    }

    fn wait(&mut self, what: &str, mut so: impl FnMut(&mut Self) -> bool) {
        let started = Instant::now();
        while !so(self) {
            let late = started.elapsed() > LONGEST_WAIT;
            assert!(!late, "it never came: {what}\n{}\n{}", self.explain(), self.said());
            self.round(true);
        }
    }

    fn judge_the_rest(&mut self) {
        while !self.pending.is_empty() {
            self.round(false);
        }
    }

    /// Has everybody mint a token and everybody verify it, and again what is about to end.
    fn round(&mut self, mints: bool) {
        let mut fresh = Vec::new();
        if mints {
            fresh.extend(self.signed_by_the_home());
            for server in &self.servers {
                match ask(server.port, "/mint") {
                    Some(text) => fresh.push(Token::read(text, server.name)),
                    None => self.unreachable += 1,
                }
            }
        }
        for token in fresh {
            self.judge(&token);
            self.pending.push_back((token.expires_at - 1.0, token));
        }
        while self.pending.front().is_some_and(|(at, _)| *at <= now()) {
            if let Some((_, token)) = self.pending.pop_front() {
                self.judge(&token);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }

    fn judge(&mut self, token: &Token) {
        for server in &self.servers {
            // A server that is being started again is asked until it answers.
            let answer = loop {
                match ask(server.port, &format!("/verify?{}", token.text)) {
                    Some(answer) => break Some(answer),
                    None if now() >= token.expires_at => break None,
                    None => {
                        self.unreachable += 1;
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            };
            if now() >= token.expires_at {
                self.late += 1;
                continue;
            }
            let answer = answer.unwrap_or_default();
            let (verifier, by) = (server.name, token.by);
            assert_eq!(answer, "ok", "{verifier} on {by}'s token\n{}", self.said());
            self.judged += 1;
        }
    }

    /// The ring's own server signs as well: everybody's secret must be the very same.
    fn signed_by_the_home(&self) -> Option<Token> {
        let body = json!({"claims": {"sub": "home"}}).to_string();
        let answer = self.home.request("POST", &format!("/v1/rings/{RING}/sign"), &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        Some(Token::read(answer.body["token"].as_str()?.to_owned(), "the ring's server"))
    }

    fn said(&self) -> String {
        self.servers
            .iter()
            .map(|server| format!("{}:\n{}", server.name, server.run.err()))
            .collect()
    }
}

impl Server {
    fn pid(&self) -> Option<String> {
        ask(self.port, "/pid")
    }
}

impl Token {
    fn read(text: String, by: &'static str) -> Self {
        let claims = text.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(
            &data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap(),
        )
        .unwrap();
        let expires_at = claims["exp"].as_f64().unwrap();
        Self { text, by, expires_at }
    }
}

/// One request; nothing where nobody answers it whole.
fn ask(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    (head.contains(" 200 ") && !body.is_empty()).then(|| body.to_owned())
}

fn now() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}
