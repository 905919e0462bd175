//! Rings that rotate every few seconds on the real clock, while tokens are made and verified all the time: none is refused.

use std::collections::{BTreeSet, VecDeque};
use std::time::UNIX_EPOCH;

use keytide_client::{Ring, Verifier};
use keytide_jose::jwt::Policy;
use serde_json::{Value, json};

use crate::server::{RingServer, until};

const ROTATIONS: usize = 3;
/// How long a token lives, in seconds.
const TTL: u64 = 3;

#[test]
fn no_token_of_a_ring_that_rotates_is_refused_by_clients_that_sign_and_verify() {
    let server = RingServer::start();
    let spec = |consumers: Value| {
        json!({
            "rotate_every": "9s", "token_ttl": format!("{TTL}s"), "propagation": "2s",
            "clock_error": "100ms", "signer_lag": "2s", "leeway": "0s", "max_age": "1s",
            "consumers": consumers,
        })
    };
    let acknowledges = json!([{"name": "api", "acknowledges": true, "lease": "6s"}]);
    server.make("shared.test", "HS256", spec(acknowledges));
    server.make("signed.test", "ES256", spec(json!([{"name": "api", "hold": "1s"}])));
    std::thread::scope(|threads| {
        for name in ["shared.test", "signed.test"] {
            threads.spawn(|| Scene::start(&server, name).run());
        }
    });
}

/// One ring, and three clients of it: each signs, and each verifies what any of them signed.
struct Scene<'a> {
    server: &'a RingServer,
    name: &'static str,
    clients: Vec<(Ring, Verifier)>,
    /// Tokens that are to be shown again in their last second.
    pending: VecDeque<(f64, String)>,
    kids: BTreeSet<String>,
    judged: usize,
}

impl<'a> Scene<'a> {
    fn start(server: &'a RingServer, name: &'static str) -> Self {
        let policy = Policy::builder().danger().any_issuer().danger().any_audience().typ("JWT");
        let policy = policy.build();
        let clients = (0..3).map(|_| {
            let ring = server.connect(name);
            (ring.clone(), Verifier::new(ring, policy.clone()))
        });
        let (pending, kids) = (VecDeque::new(), BTreeSet::new());
        Self { server, name, clients: clients.collect(), pending, kids, judged: 0 }
    }

    fn run(mut self) {
        until("the rotations, and every token judged to its end", || {
            if self.kids.len() <= ROTATIONS {
                for nth in 0..self.clients.len() {
                    self.mint(nth);
                }
            }
            while self.pending.front().is_some_and(|(at, _)| *at <= now()) {
                if let Some((_, token)) = self.pending.pop_front() {
                    self.judge(&token);
                }
            }
            self.kids.len() > ROTATIONS && self.pending.is_empty()
        });
        for (ring, _) in &self.clients {
            until("the last epoch is acknowledged", || {
                ring.status().presence.unwrap().acknowledged == Some(self.server.epoch(self.name))
            });
        }
        assert!(self.judged > 500, "only {} answers", self.judged);
    }

    fn mint(&mut self, nth: usize) {
        let signer = self.clients[nth].0.signer().unwrap();
        let mut claims = json!({"sub": "ada"});
        if matches!(signer, keytide_client::Signer::Local(_)) {
            claims["exp"] = json!(UNIX_EPOCH.elapsed().unwrap().as_secs() + TTL);
        }
        let token = signer.sign(&claims).unwrap();
        let kid = self.judge(&token);
        self.kids.insert(kid);
        self.pending.push_back((now() + TTL as f64 - 1.7, token));
    }

    /// Has every client verify the token; one that a busy machine shows too late is not judged.
    fn judge(&mut self, token: &str) -> String {
        let mut kid = None;
        for (_, verifier) in &self.clients {
            match verifier.verify(token) {
                Ok(claims) => kid = claims.key_id().map(ToString::to_string),
                Err(error) if error.code() == "expired" => {}
                Err(error) => panic!("{}: {error}, {:?}", self.name, verifier.ring().status()),
            }
            self.judged += 1;
        }
        kid.unwrap_or_default()
    }
}

fn now() -> f64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}
