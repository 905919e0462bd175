//! Real verifiers, each with its own cache, through rotations and a revocation of a real server.
//!
//! These tests watch the real clock, because the consumers do: a policy of seconds makes a
//! rotation quick enough to wait for. Nothing is asserted about speed, but for the second within which
//! an emergency rotation has to come. What is waited for is an
//! event (a new kid signs, a stated time is reached), and an answer that a busy machine delayed
//! past the token's own end is not judged.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::foreign::Foreign;
use crate::server_process::ServerProcess;

/// A kind of consumer: how the ring's policy names it, its program, and how long it may hold a set.
struct Kind {
    name: &'static str,
    script: &'static str,
    cache_seconds: u32,
    /// What the ring is told: the cache, and for a proxy also a reload on a busy machine.
    hold: &'static str,
}

const PYJWT: Kind =
    Kind { name: "pyjwt", script: "consumers/pyjwt_consumer.py", cache_seconds: 3, hold: "3s" };
const JOSE: Kind =
    Kind { name: "jose", script: "consumers/jose_consumer.mjs", cache_seconds: 3, hold: "3s" };
const JWKS_RSA: Kind = Kind {
    name: "jwks-rsa",
    script: "consumers/jwks_rsa_consumer.cjs",
    cache_seconds: 3,
    hold: "3s",
};
const HAPROXY: Kind =
    Kind { name: "haproxy", script: "consumers/haproxy_consumer.py", cache_seconds: 1, hold: "5s" };

/// The rings of a test and who verifies their tokens.
const RINGS: &[(&str, &str, &[Kind])] = &[
    ("fast.test", "ES256", &[PYJWT, JOSE, JWKS_RSA, HAPROXY]),
    ("fast.test.rsa", "RS256", &[JWKS_RSA, HAPROXY]),
];

const ROTATIONS: usize = 3;
/// Between two rounds of minting and asking.
const ROUND: Duration = Duration::from_millis(250);
/// Reached only when what is waited for never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(240);

#[test]
fn no_valid_token_is_refused_through_three_rotations() {
    let server = ServerProcess::start();
    let mut rings = start_rings(&server, "10s", "4s");
    let started = Instant::now();
    // Until each consumer verified with each of the keys, and every token was judged to its end.
    while !rings.iter().all(Ring::is_done) {
        assert!(started.elapsed() < LONGEST_WAIT, "{ROTATIONS} rotations did not come");
        for ring in &mut rings {
            if !ring.turned_enough() {
                let token = ring.mint(&server);
                // Fresh, in mid-life, and in its last second.
                for left in [4.0, 2.0, 0.7] {
                    ring.pending.push_back((token.expires_at - left, token.clone()));
                }
            }
            ring.judge_what_is_due();
        }
        sleep(ROUND);
    }
}

#[test]
fn a_revoked_key_is_refused_from_the_stated_time_on_and_new_tokens_go_on() {
    let server = ServerProcess::start();
    let mut rings = start_rings(&server, "1h", "10m");
    for ring in &mut rings {
        let old = ring.mint(&server);
        ring.ask_all(&old, |name, answer| assert_eq!(answer, format!("ok {}", old.kid), "{name}"));

        let path = format!("/v1/rings/{}/keys/{}/revoke", ring.name, old.kid);
        let revoked = server.post(&path, &json!({"reason": "the test revokes it"}));
        let exposed_until = unix_seconds(&revoked["exposed_until"]);

        // The standby was published long before, so its tokens are good at once.
        let new = ring.mint(&server);
        assert_ne!(new.kid, old.kid);
        ring.ask_all(&new, |name, answer| assert_eq!(answer, format!("ok {}", new.kid), "{name}"));

        while now() < exposed_until {
            sleep(ROUND);
        }
        assert!(now() < old.expires_at, "the old token must be refused for its key, not its age");
        ring.ask_all(&old, |name, answer| {
            let expired = answer.to_lowercase().contains("expired");
            assert!(answer.starts_with("refused") && !expired, "{name}: {answer}");
        });
        ring.ask_all(&new, |name, answer| assert_eq!(answer, format!("ok {}", new.kid), "{name}"));
    }
}

#[test]
fn an_emergency_rotation_under_load_signs_with_the_next_key_within_a_second_and_none_is_refused() {
    let server = ServerProcess::start();
    let mut rings = start_rings(&server, "1h", "10m");
    let started = Instant::now();
    for ring in &mut rings {
        let stop = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let _ends_the_load = Ends(&stop);
            let name = ring.name;
            for _ in 0..SIGNERS {
                threads.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        sign(&server, name);
                    }
                });
            }
            // Once the next key is known everywhere, an emergency needs no waiting.
            let before = loop {
                assert!(started.elapsed() < LONGEST_WAIT, "the next key never became safe");
                let told = server.request("GET", &format!("/v1/rings/{name}/explain"), "").body;
                if told["rotate"]["safe"] == true {
                    break told["keys"][0]["kid"].as_str().unwrap().to_owned();
                }
                sleep(ROUND);
            };
            let last = sign(&server, name);
            let commanded = Instant::now();
            server.post(&format!("/v1/rings/{name}/rotate"), &json!({"reason": "an emergency"}));
            let first = sign(&server, name);
            let took = commanded.elapsed();
            println!("{name}: the first token with the next key came after {took:?}");
            assert_eq!(last.kid, before);
            assert!(took < Duration::from_secs(1), "{took:?}");
            let mut tokens = vec![last, first];
            tokens.extend((0..20).map(|_| sign(&server, name)));
            assert!(
                tokens[1..].iter().all(|token| token.kid != before),
                "the key before signs no more"
            );
            for token in &tokens {
                ring.ask_all(token, |consumer, answer| {
                    assert_eq!(answer, format!("ok {}", token.kid), "{consumer}");
                });
            }
        });
    }
}

/// Threads that ask for tokens all the time, while a ring is rotated in an emergency.
const SIGNERS: usize = 4;

/// Tells the load to end, however the test does.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A ring of the server, its consumers, and the tokens whose time to be shown is still to come.
struct Ring {
    name: &'static str,
    consumers: Vec<Consumer>,
    kids: BTreeSet<String>,
    pending: VecDeque<(f64, Token)>,
}

struct Consumer {
    kind: &'static Kind,
    program: Foreign,
    /// The keys whose tokens it accepted.
    accepted: BTreeSet<String>,
}

#[derive(Clone)]
struct Token {
    text: String,
    kid: String,
    expires_at: f64,
}

/// The rings with everybody who verifies their tokens running.
fn start_rings(server: &ServerProcess, rotate_every: &str, token_ttl: &str) -> Vec<Ring> {
    RINGS
        .iter()
        .map(|(name, algorithm, kinds)| {
            let consumers: Vec<Value> =
                kinds.iter().map(|kind| json!({"name": kind.name, "hold": kind.hold})).collect();
            server.post(
                "/v1/rings",
                &json!({
                    "name": name, "algorithm": algorithm, "rotate_every": rotate_every,
                    "token_ttl": token_ttl, "propagation": "4s", "clock_error": "100ms",
                    "signer_lag": "3s", "leeway": "0s", "consumers": consumers,
                }),
            );
            let url = format!("http://{}/rings/{name}/.well-known/jwks.json", server.address());
            let start = |kind: &'static Kind| {
                let cache = kind.cache_seconds.to_string();
                let program = Foreign::start(kind.script, &[&url, &cache, algorithm]);
                Consumer { kind, program, accepted: BTreeSet::new() }
            };
            let consumers = kinds.iter().map(start).collect();
            Ring { name, consumers, kids: BTreeSet::new(), pending: VecDeque::new() }
        })
        .collect()
}

impl Ring {
    fn mint(&mut self, server: &ServerProcess) -> Token {
        let token = sign(server, self.name);
        self.kids.insert(token.kid.clone());
        token
    }

    fn judge_what_is_due(&mut self) {
        let due = |(at, _): &(f64, Token)| *at <= now();
        let (ready, later) = std::mem::take(&mut self.pending).into_iter().partition(due);
        self.pending = later;
        let ready: VecDeque<(f64, Token)> = ready;
        for (_, token) in ready {
            for consumer in &mut self.consumers {
                let answer = consumer.program.ask(&token.text);
                if answer == format!("ok {}", token.kid) {
                    consumer.accepted.insert(token.kid.clone());
                } else {
                    let left = token.expires_at - now();
                    let (name, kid) = (consumer.kind.name, &token.kid);
                    assert!(left <= 0.0, "{name} on {kid}, {left:.1} s before its end: {answer}");
                }
            }
        }
    }

    fn turned_enough(&self) -> bool {
        self.kids.len() > ROTATIONS && self.consumers.iter().all(|c| c.accepted == self.kids)
    }

    fn is_done(&self) -> bool {
        self.turned_enough() && self.pending.is_empty()
    }

    /// Shows the token to every consumer and hands each answer to `judge`.
    fn ask_all(&mut self, token: &Token, judge: impl Fn(&str, String)) {
        for consumer in &mut self.consumers {
            judge(consumer.kind.name, consumer.program.ask(&token.text));
        }
    }
}

fn sign(server: &ServerProcess, ring: &str) -> Token {
    let answer = server.post(&format!("/v1/rings/{ring}/sign"), &json!({"claims": {"sub": "ada"}}));
    Token {
        text: answer["token"].as_str().unwrap().to_owned(),
        kid: answer["kid"].as_str().unwrap().to_owned(),
        expires_at: unix_seconds(&answer["expires_at"]),
    }
}

fn unix_seconds(timestamp: &Value) -> f64 {
    let at: jiff::Timestamp = timestamp.as_str().unwrap().parse().unwrap();
    at.as_duration().as_secs_f64()
}

fn now() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}
