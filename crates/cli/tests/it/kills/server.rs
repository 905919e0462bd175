//! A server that is killed in the middle of requests which change its rings.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use keytide_ring::Ring;
use serde_json::{Value, json};

use super::moment::SplitMix;
use super::scene::WhereItFailed;
use super::witness::{Files, Since, Witness};
use super::{rounds, seed};
use crate::program::Program;
use crate::server_process::ServerProcess;

/// How many times the server is killed, unless the environment says otherwise.
const ROUNDS: u32 = 9;
/// A set has room for so many keys; each hurried switch adds one.
const ROUNDS_OF_A_SERVER: usize = 30;
const RINGS: [&str; 3] = ["one.test", "two.test", "three.test"];
const ACTIONS: [&str; 3] = ["rotate", "rollback", "revoke"];

#[test]
fn a_server_killed_in_the_middle_of_changes_keeps_what_it_answered_and_every_token() {
    let (rounds, seed) = (rounds(5 * ROUNDS).div_ceil(5), seed());
    let mut random = SplitMix(seed);
    let mut tallies = [Tally::default(); ACTIONS.len()];
    for first in (0..rounds).step_by(ROUNDS_OF_A_SERVER) {
        let mut scene = Scene::start();
        for round in first..rounds.min(first + ROUNDS_OF_A_SERVER as u32) {
            let _where = WhereItFailed(format!("seed {seed}, server round {round}"));
            let kind = round as usize % ACTIONS.len();
            tallies[kind].add(scene.round(kind, random.fraction()));
        }
    }
    println!("{rounds} servers of seed {seed} killed, each amid {} requests", RINGS.len());
    for (action, Tally { in_flight, changed, answered }) in ACTIONS.iter().zip(tallies) {
        println!(
            "{action:<8} {in_flight:>3} requests in flight, of which {changed:>3} had made the change; \
             {answered:>3} answered"
        );
        assert!(in_flight > 0, "no {action} was in flight");
    }
}

/// The server, and what is known of its store.
struct Scene {
    server: ServerProcess,
    witness: Witness,
    program: Program,
    /// How long it takes for all answers to come, by the place of the action in the table.
    usual: [Duration; ACTIONS.len()],
}

/// How the requests of one kind went.
#[derive(Clone, Copy, Default)]
struct Tally {
    in_flight: u32,
    /// Of those: the change was made.
    changed: u32,
    answered: u32,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.in_flight += other.in_flight;
        self.changed += other.changed;
        self.answered += other.answered;
    }
}

impl Scene {
    fn start() -> Self {
        let server = ServerProcess::start();
        for (ring, algorithm) in RINGS.iter().zip(["ES256", "HS256", "EdDSA"]) {
            server.post("/v1/rings", &policy(ring, algorithm));
        }
        let (witness, program) = (Witness::new(server.store()), Program::new());
        let mut scene = Self { server, witness, program, usual: [Duration::ZERO; ACTIONS.len()] };
        let requests = scene.requests("rotate");
        let start = Instant::now();
        std::thread::scope(|threads| {
            for request in &requests {
                threads.spawn(|| assert!(answer_to(request).is_some_and(|answer| answer.0 == 200)));
            }
        });
        scene.usual = [start.elapsed(); ACTIONS.len()];
        scene.server.restart_after(|_| scene.witness.look(Since::default()));
        scene
    }

    /// Asks for a change of every ring at once, kills the server, and looks.
    fn round(&mut self, kind: usize, fraction: f64) -> Tally {
        let (action, mut tally) = (ACTIONS[kind], Tally::default());
        if action == "rollback" {
            self.wait_for_rollback();
        }
        let requests = self.requests(action);
        let epochs = RINGS.map(|ring| self.witness.ring(ring).map(Ring::epoch));
        let Self { server, witness, program, usual } = self;
        std::thread::scope(|threads| {
            let asked: Vec<_> =
                requests.iter().map(|request| threads.spawn(|| answer_to(request))).collect();
            // Not to wait for anything: this is where in its work the server dies.
            sleep(usual[kind].mul_f64(fraction * 1.2));
            server.restart_after(|store| {
                let answers = asked.into_iter().map(|asked| asked.join().unwrap());
                let answers: Vec<_> = answers.collect();
                let died_with = Files::of(store);
                // The command line opens it first, by itself.
                let place = store.to_str().unwrap();
                program.done(&["ring", "show", RINGS[0], "--store", place]);
                let all = RINGS.map(str::to_owned);
                let hurried = if action == "rollback" { &[][..] } else { &all[..] };
                witness.look(Since { hurried, restored: false });
                for ((ring, before), answer) in RINGS.iter().zip(epochs).zip(&answers) {
                    if let Some((status, told)) = answer {
                        assert_eq!(*status, 200, "{told}");
                        witness.assert_kept(told);
                        tally.answered += 1;
                    } else {
                        let changed = witness.ring(ring).map(Ring::epoch) != before;
                        tally.in_flight += 1;
                        tally.changed += u32::from(changed);
                    }
                }
                witness.assert_sealed(&died_with);
                let report = program.json(&["audit", "verify", "--store", place]);
                assert_eq!(report["broken"], Value::Null);
            });
        });
        for (ring, token) in witness.tokens() {
            let body = json!({ "token": token });
            let verdict = server.post(&format!("/v1/rings/{ring}/verify"), &body);
            assert_eq!(verdict["valid"], true, "{ring}: {verdict}");
        }
        // A server that has just started is not as quick as one that has not: the span follows.
        let follows = match tally.answered {
            0 | 1 => 1.25,
            2 => 1.0,
            _ => 0.8,
        };
        usual[kind] = usual[kind].mul_f64(follows);
        tally
    }

    /// Until each ring has a key before that all verifiers have.
    fn wait_for_rollback(&mut self) {
        let start = Instant::now();
        let forced = json!({"force": true, "reason": "the test's"});
        for ring in RINGS {
            let path = format!("/v1/rings/{ring}/rollback?dry_run=true");
            loop {
                let answer = self.server.request("POST", &path, "{}");
                match answer.body["code"].as_str() {
                    None => break,
                    Some("nothing_to_roll_back") => {
                        self.server.post(&format!("/v1/rings/{ring}/rotate"), &forced);
                    }
                    Some(_) => sleep(Duration::from_millis(50)),
                }
                assert!(start.elapsed() < LONGEST_WAIT, "{}", answer.body);
            }
        }
        // What it did to get there was in a hurry.
        let all = RINGS.map(str::to_owned);
        self.witness.look(Since { hurried: &all, restored: false });
    }

    /// One request to each ring, as it goes over the wire.
    fn requests(&self, action: &str) -> Vec<(String, String)> {
        let Self { server, witness, .. } = self;
        let of_ring = |ring: &&str| {
            let (path, body) = match action {
                "rotate" => ("rotate".to_owned(), json!({"force": true, "reason": "the test's"})),
                "revoke" => {
                    let kid = &witness.ring(ring).unwrap().active().kid;
                    (format!("keys/{kid}/revoke"), json!({"reason": "the test's"}))
                }
                _ => ("rollback".to_owned(), json!({"reason": "the test's"})),
            };
            let body = body.to_string();
            let request = format!(
                "POST /v1/rings/{ring}/{path} HTTP/1.1\r\nHost: {address}\r\n\
                 Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                server.operator_token(),
                body.len(),
                address = server.address(),
            );
            (server.address().to_owned(), request)
        };
        RINGS.iter().map(of_ring).collect()
    }
}

fn policy(name: &str, algorithm: &str) -> Value {
    json!({
        "name": name, "algorithm": algorithm, "token_ttl": "10m", "propagation": "2s",
        "signer_lag": "2s", "clock_error": "50ms", "leeway": "0s", "max_age": "1s",
        "rotate_every": "1d", "issuer": null,
    })
}

/// Status and body, if the whole answer came before the server died.
fn answer_to((address, request): &(String, String)) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(LONGEST_WAIT)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let _it_may_be_cut_short = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

const LONGEST_WAIT: Duration = Duration::from_secs(60);
