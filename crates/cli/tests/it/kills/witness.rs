//! Remembers what a store had and what was told of it, and looks whether that is so still.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keytide_jose::{Rng, SystemRng};
use keytide_ring::{
    CheckIn, Clock, Epoch, Keeper, KeeperConfig, Key, Ring, RingName, SignRequest, State,
    VerifyRequest,
};
use keytide_store::{
    MASTER_KEY_FILE, MasterKey, MasterKeySource, OpenOptions, Opened, SqliteStore,
};
use serde_json::{Map, Value};

use super::plaintext::Plaintext;

/// What is known of a store from outside.
pub(super) struct Witness {
    store: PathBuf,
    rings: BTreeMap<RingName, Ring>,
    /// Every key that there ever was, and in which ring and epoch it was made.
    kids: BTreeMap<String, (RingName, Epoch)>,
    /// The newest token of each key.
    tokens: BTreeMap<(RingName, String), String>,
    /// Keys that were revoked or destroyed: what they signed never holds again.
    gone: BTreeSet<String>,
    /// What the one instance of a ring's consumer acknowledged last.
    acknowledged: BTreeMap<RingName, Epoch>,
    records: u64,
    plaintext: Plaintext,
}

/// What may have happened since the last look, beside what time does.
#[derive(Clone, Copy, Default)]
pub(super) struct Since<'a> {
    /// Rings in which a key may have come to sign before its lead was over.
    pub(super) hurried: &'a [String],
    /// Whether a backup may have taken the store's place.
    pub(super) restored: bool,
}

impl Witness {
    pub(super) fn new(store: PathBuf) -> Self {
        Self {
            store,
            rings: BTreeMap::new(),
            kids: BTreeMap::new(),
            tokens: BTreeMap::new(),
            gone: BTreeSet::new(),
            acknowledged: BTreeMap::new(),
            records: 0,
            plaintext: Plaintext::new(),
        }
    }

    pub(super) fn store(&self) -> &Path {
        &self.store
    }

    pub(super) fn ring(&self, name: &str) -> Option<&Ring> {
        self.rings.get(&name.parse::<RingName>().unwrap())
    }

    /// A token that must hold: the one that this ring's active key signed last.
    pub(super) fn token(&self, name: &str) -> Option<&str> {
        let name: RingName = name.parse().unwrap();
        let active = self.rings.get(&name)?.active().kid.as_str().to_owned();
        self.tokens.get(&(name, active)).map(String::as_str)
    }

    /// Every token that must hold, with its ring.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (&RingName, &str)> {
        let holds = |((_, kid), _): &(&(RingName, String), &String)| !self.gone.contains(kid);
        self.tokens.iter().filter(holds).map(|((ring, _), token)| (ring, token.as_str()))
    }

    /// Looks at the whole store, and remembers what it has now.
    pub(super) fn look(&mut self, since: Since<'_>) {
        let opened = self.open(MasterKeySource::BesideStore);
        assert!(opened.behind.is_none(), "the store is behind its anchor: {:?}", opened.behind);
        let report = opened.store.verify().unwrap();
        assert!(report.is_sound(), "{report:?}");
        let keeper = keeper_of(opened.store);
        let records = keeper.store().audit_len().unwrap();
        assert!(since.restored || records >= self.records, "audit records are gone");
        self.records = records;

        self.plaintext.learn_master_key(&self.store.join(MASTER_KEY_FILE));
        let names = keeper.store().list(None, 1_000).unwrap();
        let names: Vec<RingName> = names.into_iter().map(|ring| ring.name).collect();
        for known in self.rings.keys() {
            assert!(names.contains(known), "ring {known} is gone");
        }
        for name in names {
            let stored = keeper.store().load(&name).unwrap();
            stored.keys.iter().for_each(|key| self.plaintext.learn_key(key));
            assert_one_of_each(&stored.ring);
            self.compare(&stored.ring, since);
            self.remember(stored.ring);
            self.judge(&keeper, &name);
        }
    }

    /// What was there before is there still, and what is new may be.
    fn compare(&self, ring: &Ring, since: Since<'_>) {
        let name = ring.name();
        for key in ring.keys() {
            let known = self.kids.get(key.kid.as_str());
            let same = known.is_none_or(|(in_ring, born)| in_ring == name && *born == key.born);
            assert!(same, "kid {} stands for another key", key.kid);
            let returned = known.is_some()
                && self.rings.get(name).is_some_and(|before| before.key(&key.kid).is_none());
            assert!(!returned || since.restored, "key {} came back", key.kid);
        }
        let Some(before) = self.rings.get(name) else { return };
        assert!(ring.epoch() >= before.epoch(), "the epoch of {name} fell");
        if ring.epoch() == before.epoch() {
            assert_eq!(ring, before, "{name} has two forms at one epoch");
        }
        for old in before.keys() {
            let Some(key) = ring.key(&old.kid) else {
                let unused = since.restored && matches!(old.state, State::Published);
                assert!(unused || !old.state.has_secret(), "key {} of {name} is lost", old.kid);
                continue;
            };
            assert_eq!((key.algorithm, &key.public), (old.algorithm, &old.public));
            let revived = is_gone(old) && !is_gone(key);
            assert!(
                !revived,
                "key {} of {name} was {} and is {}",
                key.kid,
                old.state.name(),
                key.state.name()
            );
            let undone = !old.state.has_secret() && key.state.has_secret();
            assert!(!undone, "the secret of key {} of {name} is back", key.kid);
        }
        let hurried = since.hurried.iter().any(|hurried| *hurried == name.as_str());
        if ring.active().kid != before.active().kid && !hurried {
            self.assert_in_time(ring);
        }
    }

    /// The active key was published for its lead before it signed, and those who hold the secret had it.
    fn assert_in_time(&self, ring: &Ring) {
        let (key, policy) = (ring.active(), ring.policy());
        let back = ring.standby().born < key.since;
        if back && key.published_at == ring.created_at() {
            // It went back to the key that it began with, which is in every set that there was.
            return;
        }
        let waits = policy.consumers().iter().any(|consumer| consumer.name() == INSTANCE.0);
        let lead = match waits {
            true => {
                policy.spec().propagation + policy.spec().clock_error + policy.spec().clock_error
            }
            false => policy.lead(),
        };
        let activated = key.state.activated_at().unwrap();
        let published_for = activated.duration_since(key.published_at).as_millis();
        let lead = i128::from(lead.as_millis());
        assert!(published_for > lead, "{}: {published_for} ms of {lead}", ring.name());
        if waits {
            let loaded = self.acknowledged.get(ring.name());
            assert!(
                loaded.is_some_and(|epoch| *epoch >= key.published_in),
                "nobody had {}",
                key.kid
            );
        }
    }

    fn remember(&mut self, ring: Ring) {
        for key in ring.keys() {
            self.kids.insert(key.kid.as_str().to_owned(), (ring.name().clone(), key.born));
            if is_gone(key) {
                self.gone.insert(key.kid.as_str().to_owned());
            }
        }
        self.rings.insert(ring.name().clone(), ring);
    }

    /// Every token holds, but those of keys that are gone; and a new one is signed.
    fn judge(&mut self, keeper: &Keeper, name: &RingName) {
        // However long the machine stood still.
        keeper.refresh().unwrap();
        let ring = &self.rings[name];
        let set =
            (!ring.policy().algorithm().is_symmetric()).then(|| keeper.published(name).unwrap());
        let set = set.map(|set| String::from_utf8(set.body).unwrap());
        for ((of, kid), token) in &self.tokens {
            if of != name {
                continue;
            }
            let request = VerifyRequest { token: token.clone(), audience: None, leeway: None };
            let verified = keeper.verify(name, &request).map(|verified| verified.kid);
            if self.gone.contains(kid) {
                assert!(verified.is_err(), "a token of {kid} holds, which is gone");
            } else {
                assert_eq!(verified.unwrap().as_str(), kid, "{name}");
                assert!(set.as_ref().is_none_or(|set| set.contains(kid)), "{kid} is not published");
            }
        }
        let request = SignRequest { claims: Map::new(), ttl: None, header: Map::new() };
        let signed = keeper.sign(name, request).unwrap();
        assert_eq!(signed.kid, ring.active().kid);
        self.tokens.insert((name.clone(), signed.kid.as_str().to_owned()), signed.token);
    }

    /// The one instance of the ring's consumer says that it works with the ring as it stands.
    pub(super) fn acknowledge(&mut self, name: &str) {
        let name: RingName = name.parse().unwrap();
        let keeper = keeper_of(self.open(MasterKeySource::BesideStore).store);
        let epoch = keeper.store().load(&name).unwrap().ring.epoch();
        let (consumer, instance) = (INSTANCE.0.to_owned(), INSTANCE.1.to_owned());
        self.acknowledged.insert(name.clone(), epoch);
        keeper
            .check_in(
                &name,
                &CheckIn { consumer, instance, epoch: Some(epoch) },
                &keytide_ring::Actor::local("api"),
            )
            .unwrap();
    }

    /// What a change printed or answered is so: it was told as done.
    pub(super) fn assert_kept(&self, told: &Value) {
        let name: RingName = told["ring"].as_str().unwrap().parse().unwrap();
        let ring = self.rings.get(&name).unwrap_or_else(|| panic!("{name} is gone: {told}"));
        let key = |kid: &Value| ring.keys().find(|key| key.kid.as_str() == kid.as_str().unwrap());
        assert!(ring.epoch().get() >= told["epoch"].as_u64().unwrap(), "{told}");
        for field in ["signs", "activated"] {
            let signs = told.get(field).filter(|kid| kid.is_string());
            let signed =
                signs.map(|kid| key(kid).and_then(|key| key.state.activated_at()).is_some());
            assert!(signed != Some(false), "{field}: {told}");
        }
        if let Some(kid) = told.get("published") {
            assert!(key(kid).is_some(), "{told}");
        }
        if let Some(kid) = told.get("revoked") {
            assert!(self.gone.contains(kid.as_str().unwrap()), "{told}");
        }
        for kid in told.get("destroyed").and_then(Value::as_array).into_iter().flatten() {
            assert!(key(kid).is_none_or(|key| !key.state.has_secret()), "{told}");
        }
    }

    /// No file has a secret in the clear, the master key's own aside, and none is unknown.
    pub(super) fn assert_sealed(&self, died_with: &Files) {
        for (file, bytes) in died_with.0.iter().chain(&Files::of(&self.store).0) {
            let name = file.file_name().unwrap().to_str().unwrap();
            // A master key that takes another's place lies beside it, as readable as that.
            if name.starts_with(MASTER_KEY_FILE) || name == "operator.token" {
                continue;
            }
            let found = self.plaintext.found_in(bytes);
            assert!(found.is_none(), "{} is in {}", found.unwrap_or_default(), file.display());
        }
        let master_keys = Files::of(&self.store).0.into_keys().filter(|file| {
            file.file_name().unwrap().to_str().unwrap().starts_with(MASTER_KEY_FILE)
        });
        assert_eq!(master_keys.count(), 1, "a master key was left lying");
    }

    /// Whether this master key opens the store.
    pub(super) fn opens_with(&self, key: &[u8]) -> bool {
        let key = MasterKey::parse(std::str::from_utf8(key).unwrap().trim()).unwrap();
        SqliteStore::open(&self.store, options(MasterKeySource::Given(key))).is_ok()
    }

    fn open(&self, key: MasterKeySource) -> Opened {
        SqliteStore::open(&self.store, options(key)).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// The files of a folder, as they were.
pub(super) struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    pub(super) fn of(folder: &Path) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|file| file.is_file());
        Self(files.map(|file| (file.clone(), fs::read(file).unwrap())).collect())
    }

    pub(super) fn with(mut self, folder: &Path) -> Self {
        self.0.extend(Self::of(folder).0);
        self
    }
}

/// The consumer that acknowledges, and its instance.
pub(super) const INSTANCE: (&str, &str) = ("api", "api-1");

fn assert_one_of_each(ring: &Ring) {
    let count = |state: &str| ring.keys().filter(|key| key.state.name() == state).count();
    assert_eq!((count("active"), count("published")), (1, 1), "{}", ring.name());
    let kids: BTreeSet<&str> = ring.keys().map(|key| key.kid.as_str()).collect();
    assert_eq!(kids.len(), ring.keys().count(), "{}", ring.name());
}

fn is_gone(key: &Key) -> bool {
    matches!(key.state, State::Revoked { .. } | State::Destroyed { .. })
}

fn keeper_of(store: SqliteStore) -> Keeper {
    let rng = Box::new(|| -> Box<dyn Rng> { Box::new(SystemRng) });
    let clock = Arc::new(RealClock(Instant::now()));
    Keeper::new(KeeperConfig { store: Arc::new(store), clock, rng }).unwrap()
}

fn options(key: MasterKeySource) -> OpenOptions {
    let clock = Arc::new(RealClock(Instant::now()));
    OpenOptions::new(clock, Box::new(|| Box::new(SystemRng))).master_key(key)
}

struct RealClock(Instant);

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}
