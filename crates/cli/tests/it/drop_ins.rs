//! The Python and Node packages on a real server's rings: rotations, an outage, and answers that are none.
//!
//! The outage lasts some seconds; `KEYTIDE_OUTAGE=60` has it last a minute.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::foreign::Foreign;
use crate::server_process::ServerProcess;

/// How long a token lives, in seconds.
const TTL: u32 = 4;
const ROUND: Duration = Duration::from_millis(200);
/// Reached only when what is waited for never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
const RINGS: [(&str, &str); 2] = [("shared.test", "HS256"), ("public.test", "ES256")];
const PACKAGES: [&str; 2] = ["drop_ins/ring_holder.py", "drop_ins/ring_holder.mjs"];

#[test]
fn no_token_is_refused_by_either_package_through_three_rotations_and_an_outage() {
    let mut scene = Scene::start();
    scene.rounds(3);
    for _ in 0..3 {
        for (ring, _) in RINGS {
            let before = scene.signs(ring);
            let wanted = scene.server.post(&path(ring, "rotate"), &json!({"when": "safe"}));
            assert_eq!(wanted["ring"], ring, "{wanted}");
            scene.wait("the switch", |scene| scene.signs(ring) != before);
        }
    }
    scene.rounds(5);

    let lasts = std::env::var("KEYTIDE_OUTAGE").map_or(5, |text| text.parse().unwrap());
    scene.server.stop();
    let end = Instant::now() + Duration::from_secs(lasts);
    let minted = scene.minted;
    while Instant::now() < end {
        scene.round();
    }
    assert!(scene.minted > minted, "a shared secret signs while its server is away");
    scene.server.start_again();
    // Each ring's server signs again, and a rotation comes through.
    scene.wait("the server's own keys sign again", |scene| scene.refused_to_mint == 0);
    for (ring, _) in RINGS {
        let before = scene.signs(ring);
        scene.server.post(&path(ring, "rotate"), &json!({"when": "safe"}));
        scene.wait("the switch after the outage", |scene| scene.signs(ring) != before);
    }
    scene.rounds(10);
    println!("{} tokens, {} judgements, none refused", scene.minted, scene.judged);
    assert!(scene.judged > 500, "only {} answers", scene.judged);
}

#[test]
fn whatever_answers_in_place_of_a_key_set_ends_in_a_clear_error_in_bounded_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_badly(stream));
        }
    });
    for package in PACKAGES {
        let mut program = Foreign::start(package, &["reader", "4"]);
        for (what, code) in [
            ("garbage", "set_refused"),
            ("redirect", "fetch_failed"),
            ("large", "too_large"),
            ("hang", "fetch_timed_out"),
            ("private", "private_key_published"),
            ("broken", "fetch_failed"),
        ] {
            let answer = program.ask(&format!("fetch http://{address}/{what}"));
            assert!(answer.starts_with(&format!("refused {code} ")), "{package}, {what}: {answer}");
            assert!(answer.len() < 2_000, "{package}, {what}: {answer}");
        }
    }
}

/// Answers a request as its path says.
fn answer_badly(mut stream: TcpStream) {
    let mut head = [0; 2_048];
    let length = stream.read(&mut head).unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let json = |body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let answer = match head.split(' ').nth(1).unwrap_or_default() {
        "/garbage" => json("<html>not keys</html>"),
        "/redirect" => {
            "HTTP/1.1 302 Found\r\nLocation: /garbage\r\nContent-Length: 0\r\n\r\n".into()
        }
        "/large" => json(&format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(10 << 20))),
        "/private" => json(
            r#"{"keys":[{"kty":"oct","alg":"HS256","kid":"a","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#,
        ),
        "/broken" => "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{".into(),
        _ => {
            // Until the other side has had enough.
            let _gone = stream.read(&mut [0; 1]);
            return;
        }
    };
    // Whoever has had enough of a long answer hangs up.
    let _gone = stream.write_all(answer.as_bytes());
}

/// The server, programs that work with its rings, and the tokens to be shown again in their last second.
struct Scene {
    server: ServerProcess,
    holders: Vec<Holder>,
    pending: VecDeque<(f64, Token)>,
    minted: usize,
    judged: usize,
    /// How many could not mint in the last round.
    refused_to_mint: usize,
}

struct Holder {
    name: String,
    ring: &'static str,
    algorithm: &'static str,
    program: Foreign,
}

#[derive(Clone)]
struct Token {
    text: String,
    ring: &'static str,
    by: String,
    expires_at: f64,
}

impl Scene {
    fn start() -> Self {
        let server = ServerProcess::start();
        let mut holders = Vec::new();
        for (ring, algorithm) in RINGS {
            server.post(
                "/v1/rings",
                &json!({
                    "name": ring, "algorithm": algorithm, "rotate_every": "1d",
                    "token_ttl": format!("{TTL}s"), "propagation": "4s", "clock_error": "100ms",
                    "signer_lag": "3s", "leeway": "0s", "max_age": "1s", "issuer": null,
                    "consumers": [{"name": "api", "acknowledges": true, "lease": "6s"}],
                }),
            );
            for package in PACKAGES {
                let name = format!("{}-{ring}", package.rsplit('.').next().unwrap());
                let mut program = Foreign::start(package, &[&name, &TTL.to_string()]);
                let url = format!("http://{}/rings/{ring}", server.address());
                let told = program.ask(&format!("connect {url} {}", server.operator_token()));
                assert_eq!(told, "connected", "{name}");
                holders.push(Holder { name, ring, algorithm, program });
            }
        }
        let (pending, counts) = (VecDeque::new(), [0; 3]);
        let [minted, judged, refused_to_mint] = counts;
        Self { server, holders, pending, minted, judged, refused_to_mint }
    }

    /// Has everybody mint a token and everybody verify it, and again what is about to end.
    fn round(&mut self) {
        let is_up = self.server.is_running();
        let mut fresh = Vec::new();
        self.refused_to_mint = 0;
        for holder in &mut self.holders {
            let answer = holder.program.ask("mint");
            match answer.split(' ').collect::<Vec<_>>()[..] {
                ["token", text, _kid, expires_at] => fresh.push(Token {
                    text: text.to_owned(),
                    ring: holder.ring,
                    by: holder.name.clone(),
                    expires_at: expires_at.parse().unwrap(),
                }),
                // A private key never leaves its server.
                _ if holder.algorithm == "ES256" && !is_up => self.refused_to_mint += 1,
                // It may not have come back to this one yet.
                _ if holder.algorithm == "ES256" && answer.starts_with("refused fetch_") => {
                    self.refused_to_mint += 1;
                }
                _ => panic!("{}: {answer}", holder.name),
            }
        }
        self.minted += fresh.len();
        for token in fresh {
            self.judge(&token);
            self.pending.push_back((token.expires_at - 0.7, token));
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
        loop {
            self.round();
            if so(self) {
                return;
            }
            assert!(started.elapsed() < LONGEST_WAIT, "it never came: {what}");
        }
    }

    fn judge(&mut self, token: &Token) {
        let Token { text, ring, by, expires_at } = token;
        for holder in self.holders.iter_mut().filter(|holder| holder.ring == *ring) {
            let answer = holder.program.ask(&format!("verify {text}"));
            let in_time = now() < *expires_at;
            assert!(!in_time || answer == "ok", "{} on {by}'s token: {answer}", holder.name);
            self.judged += 1;
        }
    }

    fn signs(&self, ring: &str) -> Value {
        self.server.request("GET", &path(ring, "explain"), "").body["keys"][0]["kid"].clone()
    }
}

fn path(ring: &str, what: &str) -> String {
    format!("/v1/rings/{ring}/{what}")
}

fn now() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}
