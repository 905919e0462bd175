//! What the tests work on: stores with a clock that is turned by hand, and keys made for them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, SystemRng};
use keytide_ring::{
    Actor, Changes, Clock, Command, Commit, Error, FreshKey, ManualClock, Memory, MemoryStore,
    Policy, PolicySpec, Ring, RingName, RingStore, When, apply,
};
use keytide_store::{MasterKeySource, OpenError, OpenOptions, Opened, SqliteStore};

pub(crate) struct Bench {
    pub(crate) store: Arc<dyn RingStore>,
    pub(crate) clock: Arc<ManualClock>,
    /// Where the store is, as long as the bench lives.
    pub(crate) dir: Option<tempfile::TempDir>,
}

impl Bench {
    pub(crate) fn memory() -> Self {
        let clock = clock();
        let store = MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>);
        Self { store: Arc::new(store), clock, dir: None }
    }

    pub(crate) fn sqlite() -> Self {
        let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
        let opened = open(dir.path(), &clock, MasterKeySource::BesideStore).unwrap();
        Self { store: Arc::new(opened.store), clock, dir: Some(dir) }
    }

    pub(crate) fn pass(&self, text: &str) {
        let span: jiff::Span = text.parse().unwrap();
        let day = jiff::SpanRelativeTo::days_are_24_hours();
        let passed: SignedDuration = span.to_duration(day).unwrap();
        self.clock.advance(passed);
    }

    /// Makes a ring with keys of its own.
    pub(crate) fn create(&self, text: &str, alg: Algorithm) -> Ring {
        self.create_with(text, alg, [key(alg), key(alg)]).unwrap()
    }

    pub(crate) fn create_with(
        &self,
        text: &str,
        alg: Algorithm,
        keys: [SigningKey; 2],
    ) -> Result<Ring, Error> {
        let changes = self.store.create(&name(text), &keys, &mut |epoch, now| {
            let fresh = [FreshKey::of(&keys[0]), FreshKey::of(&keys[1])];
            apply::create(name(text), policy(alg), epoch, fresh, &actor(), now)
        })?;
        Ok(changes.ring)
    }

    /// Does what the command says with a key made for it.
    pub(crate) fn command(&self, ring: &Ring, command: &Command) -> Result<Changes, Error> {
        command_on(&*self.store, ring, command, &key(ring.policy().algorithm()))
    }

    pub(crate) fn rotate(&self, ring: &Ring) -> Changes {
        self.command(ring, &forced()).unwrap()
    }

    pub(crate) fn load(&self, text: &str) -> Ring {
        settled(&self.store.load(&name(text)).unwrap().ring)
    }
}

pub(crate) fn command_on(
    store: &dyn RingStore,
    ring: &Ring,
    command: &Command,
    key: &SigningKey,
) -> Result<Changes, Error> {
    let commit = Commit { ring: ring.name(), expected: ring.epoch(), fresh: Some(key) };
    let changes = store.commit(commit, &mut |now, evidence| {
        apply::apply(ring, evidence, command, Some(FreshKey::of(key)), &actor(), now)
    })?;
    let changes = changes.expect("the command changes the ring");
    Ok(Changes { ring: settled(&changes.ring), ..changes })
}

pub(crate) fn open(
    dir: &Path,
    clock: &Arc<ManualClock>,
    master_key: MasterKeySource,
) -> Result<Opened, OpenError> {
    SqliteStore::open(dir, options(clock).master_key(master_key).create(true))
}

pub(crate) fn options(clock: &Arc<ManualClock>) -> OpenOptions {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    OpenOptions::new(clock, Box::new(|| Box::new(SystemRng))).busy_timeout(Duration::from_secs(60))
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn name(text: &str) -> RingName {
    text.parse().unwrap()
}

pub(crate) fn actor() -> Actor {
    Actor::remote("tester", "127.0.0.1")
}

pub(crate) fn key(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, None, &mut SystemRng).unwrap()
}

/// A ring as it is read: its past keys in the order of their making.
pub(crate) fn settled(ring: &Ring) -> Ring {
    let keys = ring.keys().cloned().collect();
    let (name, policy) = (ring.name().clone(), ring.policy().clone());
    Ring::assemble(name, ring.epoch(), ring.created_at(), policy, Memory::default(), keys).unwrap()
}

/// The same secret for the same number, each time under a name of its own.
pub(crate) fn hmac(number: u8) -> SigningKey {
    hmac_with(&keytide_jose::digest::sha256(&[number]))
}

/// An HMAC key with this secret, under a name of its own.
pub(crate) fn hmac_with(secret: &[u8]) -> SigningKey {
    let kid = KeyId::random(&mut SystemRng).unwrap();
    SigningKey::from_secret(Algorithm::HS256, secret).unwrap().with_key_id(kid)
}

pub(crate) fn policy(alg: Algorithm) -> Policy {
    let mut spec = PolicySpec::new(alg);
    spec.rotate_every = "1h".parse().unwrap();
    spec.token_ttl = "15m".parse().unwrap();
    spec.rollback_window = "1d".parse().unwrap();
    spec.issuer = Some("https://id.example".into());
    spec.consumers = serde_json::from_str(r#"["pyjwt"]"#).unwrap();
    Policy::new(spec).unwrap()
}

pub(crate) fn forced() -> Command {
    Command::Activate { kid: None, when: When::Forced, reason: Some("test".into()) }
}

/// What a refusal was, when there was one.
pub(crate) fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(error) => error.code(),
    }
}
