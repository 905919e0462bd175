//! A server on a free loopback port, with a clock that the test turns and a store in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use keytide_jose::SystemRng;
use keytide_ring::{
    AccessToken, Actor, Clock, Command, Keeper, KeeperConfig, ManualClock, MemoryStore, Permission,
    RingPattern, RingStore,
};
use keytide_server::{Config, Copies, Server, hash_access_token};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The operator's access token in every scene.
pub(crate) const OPERATOR: &str = "ktop_operator-of-the-tests";
/// A token that may sign and nothing else.
pub(crate) const SIGNER: &str = "ktop_signer-of-the-tests";
/// A token that may fetch keys and nothing else.
pub(crate) const READER: &str = "ktop_reader-of-the-tests";

pub(crate) struct OtherNode(Keeper);

impl OtherNode {
    /// Raises the epoch of `billing.test`.
    pub(crate) fn roll_policy(&self) {
        let patch = json!({"rotate_every": "2d"}).as_object().unwrap().clone();
        let change = Command::Change { patch, reason: None };
        let name = "billing.test".parse().unwrap();
        self.0.command(&name, change, &Actor::local("another node")).unwrap();
    }
}

pub(crate) struct Scene {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) client: Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<tokio::task::JoinHandle<bool>>,
    runtime: Runtime,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_config(|_| {})
    }

    pub(crate) fn with_config(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::with(adjust, None)
    }

    /// With somebody who keeps copies elsewhere.
    pub(crate) fn with_copies(copies: Arc<dyn Copies>) -> Self {
        Self::with(|_| {}, Some(copies))
    }

    fn with(adjust: impl FnOnce(&mut Config), copies: Option<Arc<dyn Copies>>) -> Self {
        let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
        let store: Arc<dyn RingStore> =
            Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        for (token, subject, permissions) in [
            (OPERATOR, "operator", Permission::ALL.to_vec()),
            (SIGNER, "signer", vec![Permission::Sign]),
            (READER, "reader", vec![Permission::ReadKeys]),
        ] {
            let access = AccessToken {
                hash: hash_access_token(token.as_bytes()),
                subject: subject.to_owned(),
                permissions,
                rings: vec![RingPattern::all()],
                created_at: clock.now(),
                expires_at: None,
            };
            store.put_access(&access, &Actor::local("test")).unwrap();
        }
        let keeper = Arc::new(
            Keeper::new(KeeperConfig {
                store,
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                rng: Box::new(|| Box::new(SystemRng)),
            })
            .unwrap(),
        );
        let mut config = Config::new("127.0.0.1:0".parse().unwrap());
        // The test refreshes and turns by hand.
        config.tick = Duration::from_secs(3_600);
        config.lame_duck = Duration::from_millis(50);
        adjust(&mut config);
        let runtime = Runtime::new().unwrap();
        let server = runtime
            .block_on(Server::bind_with(
                config,
                Arc::clone(&keeper),
                Arc::clone(&clock) as Arc<dyn Clock>,
                copies,
            ))
            .unwrap();
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = runtime.spawn(server.run(async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            clock,
            keeper,
            client: Client::new(),
            stop: Some(stop),
            running: Some(running),
            runtime,
        }
    }

    /// Another node on the same store.
    pub(crate) fn another_node(&self) -> OtherNode {
        let keeper = Keeper::new(KeeperConfig {
            store: Arc::clone(self.keeper.store()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            rng: Box::new(|| Box::new(SystemRng)),
        });
        OtherNode(keeper.unwrap())
    }

    /// Lets time pass, as a node that hears from its store throughout.
    pub(crate) fn pass(&self, secs: i64) {
        self.clock.advance(SignedDuration::from_secs(secs));
        self.keeper.refresh().unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).bearer_auth(OPERATOR).send().unwrap()
    }

    pub(crate) fn request(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).bearer_auth(OPERATOR).json(body)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.request(path, body).send().unwrap();
        (response.status().as_u16(), response.json().unwrap())
    }

    pub(crate) fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.request(method, self.url(path)).bearer_auth(OPERATOR);
        let response = request.json(body).send().unwrap();
        (response.status().as_u16(), response.json().unwrap_or_default())
    }

    /// The audit log.
    pub(crate) fn audit(&self) -> Vec<Value> {
        let page: Value = self.get("/v1/audit?limit=1000").json().unwrap();
        page["records"].as_array().unwrap().clone()
    }

    /// Makes the ring `billing.test`.
    pub(crate) fn ring(&self, algorithm: &str) -> Value {
        let body = json!({
            "name": "billing.test", "algorithm": algorithm, "rotate_every": "1d",
            "token_ttl": "1h", "consumers": ["istio"],
        });
        let (status, ring) = self.post("/v1/rings", &body);
        assert_eq!(status, 201, "{ring}");
        ring
    }

    pub(crate) fn sign(&self, claims: &Value) -> (u16, Value) {
        self.post("/v1/rings/billing.test/sign", &json!({ "claims": claims }))
    }

    /// Tells the server to stop; says later whether every request ended.
    pub(crate) fn tell_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) fn wait_until_stopped(&mut self) -> bool {
        self.runtime.block_on(self.running.take().unwrap()).unwrap()
    }
}
