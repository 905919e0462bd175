//! A real Keytide server on a free loopback port, on the real clock, with its store in memory: it can be stopped and started again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keytide_client::{ConnectOptions, Ring};
use keytide_jose::{Secret, SystemRng};
use keytide_ring::{
    AccessToken, Actor, Clock, Command, Keeper, KeeperConfig, MemoryStore, Permission, RingPattern,
    RingStore,
};
use keytide_server::{Config, Server, hash_access_token};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// An access token of the tests that may do everything.
pub(crate) const OPERATOR: &str = "ktop_operator-of-the-tests";
/// One that may fetch keys, and not sign.
pub(crate) const READER: &str = "ktop_reader-of-the-tests";

struct RealClock(Instant);

impl Clock for RealClock {
    #[expect(clippy::disallowed_methods, reason = "the server's clock is the real one")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

pub(crate) struct RingServer {
    address: SocketAddr,
    pub(crate) keeper: Arc<Keeper>,
    clock: Arc<dyn Clock>,
    runtime: Runtime,
    running: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<bool>)>,
}

impl RingServer {
    #[expect(clippy::disallowed_methods, reason = "the server's clock is the real one")]
    pub(crate) fn start() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(RealClock(Instant::now()));
        let store: Arc<dyn RingStore> = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        for (token, subject, permissions) in [
            (OPERATOR, "operator", Permission::ALL.to_vec()),
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
        let rng: Box<dyn Fn() -> Box<dyn keytide_jose::Rng> + Send + Sync> =
            Box::new(|| Box::new(SystemRng));
        let keeper = Keeper::new(KeeperConfig { store, clock: Arc::clone(&clock), rng }).unwrap();
        let mut server = Self {
            address: "127.0.0.1:0".parse().unwrap(),
            keeper: Arc::new(keeper),
            clock,
            runtime: Runtime::new().unwrap(),
            running: None,
        };
        server.start_again();
        server
    }

    /// Starts it at the address that it had.
    pub(crate) fn start_again(&mut self) {
        let mut config = Config::new(self.address);
        config.tick = Duration::from_millis(100);
        config.lame_duck = Duration::from_millis(10);
        let (keeper, clock) = (Arc::clone(&self.keeper), Arc::clone(&self.clock));
        let server = self.runtime.block_on(Server::bind(config, keeper, clock)).unwrap();
        self.address = server.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = self.runtime.spawn(server.run(async move {
            let _told = stopped.await;
        }));
        self.running = Some((stop, running));
    }

    /// Stops it, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let (stop, running) = self.running.take().unwrap();
        stop.send(()).unwrap();
        assert!(self.runtime.block_on(running).unwrap());
    }

    pub(crate) fn url(&self, ring: &str) -> String {
        format!("http://{}/rings/{ring}", self.address)
    }

    /// Makes a ring; `policy` is what differs from a day between rotations.
    pub(crate) fn make(&self, name: &str, algorithm: &str, policy: Value) {
        let mut spec = json!({"algorithm": algorithm, "issuer": null});
        spec.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        let spec = serde_json::from_value(spec).unwrap();
        let policy = keytide_ring::Policy::new(spec).unwrap();
        self.keeper.create(&name.parse().unwrap(), policy, &Actor::local("test")).unwrap();
    }

    pub(crate) fn command(&self, ring: &str, command: Command) {
        self.keeper.command(&ring.parse().unwrap(), command, &Actor::local("test")).unwrap();
    }

    /// The `kid` that signs.
    pub(crate) fn signs(&self, ring: &str) -> String {
        let snapshot = self.keeper.snapshot(&ring.parse().unwrap()).unwrap();
        snapshot.ring().active().kid.to_string()
    }

    pub(crate) fn epoch(&self, ring: &str) -> u64 {
        let snapshot = self.keeper.snapshot(&ring.parse().unwrap()).unwrap();
        snapshot.ring().epoch().to_string().parse().unwrap()
    }

    /// A client of the ring, as an instance of the consumer `api`.
    pub(crate) fn connect(&self, ring: &str) -> Ring {
        let token = Secret::new(OPERATOR.as_bytes().to_vec());
        Ring::connect(&self.url(ring), token, options()).unwrap()
    }
}

pub(crate) fn options() -> ConnectOptions {
    let mut options = ConnectOptions::default();
    options.consumer = "api".into();
    options.host = "tests".into();
    options.options.retry_first = Duration::from_millis(50);
    options.options.retry_longest = Duration::from_millis(500);
    options
}

/// Waits until something is so; it must come.
#[expect(clippy::disallowed_methods, reason = "what never comes must end the test")]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < Duration::from_secs(120), "it never came: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
