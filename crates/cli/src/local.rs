//! Rings in the embedded store, under a keeper of this process's own.

use std::path::PathBuf;
use std::sync::Arc;

use keytide_jose::{KeyId, Rng, Secret, SystemRng};
use keytide_ring::explain::Explanation;
use keytide_ring::{
    AccessToken, AccessView, Actor, AuditReport, Changed, Clock, Command, Delivery, Error, Keeper,
    KeeperConfig, Material, Permission, Policy, PolicySpec, RingName, RingPattern, RingStore,
    RingView, SignRequest, Signed, Snapshot, Span, StoreError, TargetName, TargetView,
    Verification, VerifyRequest, Webhook, WebhookView,
};
use keytide_server::{By, Copies, NewTarget, Removal};
use keytide_store::{MasterKey, MasterKeySource, OpenOptions, Opened, SqliteStore};

use serde_json::Value;

use crate::args::StorePlace;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::Failure;
use crate::output::Output;
use crate::rings::{AuditPage, Declared, Doing, Granted, PAGE, RingPage, Rings, store_folder};
use crate::shares;
use crate::source::{Purpose, Source};
use crate::sync::{CHECK_EVERY, Copier, Permitted};
use crate::wrapped;

/// An opened store, its keeper, and who acts on it.
pub(crate) struct Local {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) clock: Arc<dyn Clock>,
    actor: Actor,
}

/// Far more than any text form of 32 bytes.
const LONGEST_MASTER_KEY: usize = 4_096;

impl Local {
    /// Opens the store, or makes one if `create`d, with a notice about its master key.
    pub(crate) fn open(
        place: &StorePlace,
        config: &Config,
        output: &Output,
        create: bool,
    ) -> Result<Self, Failure> {
        let OpenStore { store, folder: _, clock, actor } =
            open_store(place, config, output, create)?;
        let store: Arc<dyn RingStore> = Arc::new(store);
        let rng = Box::new(|| -> Box<dyn Rng> { Box::new(SystemRng) });
        let keeper = Keeper::new(KeeperConfig { store, clock: Arc::clone(&clock), rng })?;
        Ok(Self { keeper: Arc::new(keeper), clock, actor })
    }

    /// Who acts, as the audit log shall name them.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Who keeps copies for this process: nothing limits what its own user may name.
    fn copier(&self) -> Copier {
        Copier::new(Arc::clone(&self.keeper), Permitted::default(), CHECK_EVERY)
    }

    /// What is due happens before the ring is used: nobody else may be there to turn it.
    fn turn_if_due(&self, name: &RingName) -> Result<Arc<Snapshot>, Failure> {
        match self.keeper.turn_ring(name) {
            // What may be done with an older database shows when it is done.
            Ok(()) | Err(Error::Store(StoreError::Behind(_))) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(self.keeper.snapshot(name)?)
    }
}

impl Rings for Local {
    fn create(&self, name: &RingName, policy: PolicySpec) -> Result<RingView, Failure> {
        let ring = self.keeper.create(name, Policy::new(policy)?, &self.actor)?;
        Ok(RingView::of(ring.ring()))
    }

    fn adopt(
        &self,
        name: &RingName,
        policy: PolicySpec,
        secret: &Secret,
    ) -> Result<RingView, Failure> {
        let ring = self.keeper.adopt(name, Policy::new(policy)?, secret, &self.actor)?;
        Ok(RingView::of(ring.ring()))
    }

    fn try_create(&self, name: &RingName, policy: PolicySpec) -> Result<Changed, Failure> {
        Ok(self.keeper.try_create(name, Policy::new(policy)?)?)
    }

    fn list(&self, after: Option<&RingName>) -> Result<RingPage, Failure> {
        let rings = self.keeper.store().list(after, PAGE)?;
        let next = (rings.len() == PAGE).then(|| rings.last().map(|ring| ring.name.clone()));
        Ok(RingPage { next: next.flatten(), rings })
    }

    fn show(&self, name: &RingName) -> Result<RingView, Failure> {
        Ok(RingView::of(self.keeper.snapshot(name)?.ring()))
    }

    fn destroy(&self, name: &RingName, reason: Option<&str>) -> Result<(), Failure> {
        Ok(self.keeper.destroy(name, &self.actor, reason)?)
    }

    fn try_destroy(&self, name: &RingName) -> Result<Changed, Failure> {
        Ok(self.keeper.try_destroy(name)?)
    }

    fn change(&self, name: &RingName, command: Command, doing: Doing) -> Result<Changed, Failure> {
        Ok(match doing {
            Doing::Really => self.keeper.command(name, command, &self.actor)?,
            Doing::DryRun => self.keeper.try_out(name, command)?,
        })
    }

    fn secrets(&self, name: &RingName) -> Result<Option<Vec<(KeyId, Secret)>>, Failure> {
        let Delivery { active, next, previous, .. } = self.keeper.delivery(name)?;
        let keys = [active, next].into_iter().chain(previous);
        let secrets = keys.filter_map(|key| match key.material {
            Material::Secret(secret) => Some((key.kid, secret)),
            Material::Public(_) => None,
        });
        Ok(Some(secrets.collect()))
    }

    fn explain(&self, name: &RingName) -> Result<Explanation, Failure> {
        Ok(self.keeper.explain(name)?)
    }

    fn sign(&self, name: &RingName, request: SignRequest) -> Result<Signed, Failure> {
        self.turn_if_due(name)?;
        Ok(self.keeper.sign(name, request)?)
    }

    fn verify(&self, name: &RingName, request: &VerifyRequest) -> Result<Verification, Failure> {
        self.turn_if_due(name)?;
        Ok(self.keeper.verify(name, request)?)
    }

    fn add_webhook(&self, name: &RingName, url: &str) -> Result<Declared, Failure> {
        let store = self.keeper.store();
        let snapshot = self.keeper.snapshot(name)?;
        let webhook = Webhook::new(snapshot.ring(), url, store.now()?, &mut SystemRng)?;
        store.put_webhook(&webhook, &self.actor)?;
        Ok(Declared { webhook: webhook.view(), secret: webhook.shown_secret() })
    }

    fn webhooks(&self, name: &RingName) -> Result<Vec<WebhookView>, Failure> {
        self.keeper.snapshot(name)?;
        let all = self.keeper.store().webhooks()?;
        Ok(all.iter().filter(|webhook| webhook.ring == *name).map(Webhook::view).collect())
    }

    fn remove_webhook(&self, name: &RingName, id: &str) -> Result<(), Failure> {
        Ok(self.keeper.store().remove_webhook(name, id, &self.actor)?)
    }

    fn add_target(&self, ring: &RingName, new: NewTarget) -> Result<TargetView, Failure> {
        let by = By { actor: &self.actor, remote: None };
        Ok(self.copier().add(ring, new, by)?)
    }

    fn targets(&self, ring: &RingName) -> Result<Vec<TargetView>, Failure> {
        Ok(self.copier().list(ring)?)
    }

    fn test_target(&self, ring: &RingName, name: &TargetName) -> Result<Value, Failure> {
        Ok(self.copier().test(ring, name)?)
    }

    fn push_target(&self, ring: &RingName, name: &TargetName) -> Result<TargetView, Failure> {
        self.turn_if_due(ring)?;
        Ok(self.copier().push(ring, name)?)
    }

    fn remove_target(
        &self,
        ring: &RingName,
        name: &TargetName,
        removal: &Removal,
    ) -> Result<(), Failure> {
        Ok(self.copier().remove(ring, name, removal, &self.actor)?)
    }

    fn grant(
        &self,
        subject: &str,
        permissions: Vec<Permission>,
        reach: Vec<RingPattern>,
        expires: Option<Span>,
    ) -> Result<Granted, Failure> {
        let store = self.keeper.store();
        let token = keytide_server::new_access_token(&mut SystemRng)?;
        let hash = keytide_server::hash_access_token(token.expose());
        let access = AccessToken::issue(hash, subject, permissions, reach, expires, store.now()?)?;
        store.put_access(&access, &self.actor)?;
        Ok(Granted { token, access: access.view() })
    }

    fn list_access(&self) -> Result<Vec<AccessView>, Failure> {
        Ok(self.keeper.store().list_access()?.iter().map(AccessToken::view).collect())
    }

    fn end_access(&self, subject: &str) -> Result<usize, Failure> {
        Ok(self.keeper.store().end_access(subject, &self.actor)?)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<AuditPage, Failure> {
        let store = self.keeper.store();
        Ok(AuditPage { records: store.audit(after, limit)?, length: store.audit_len()? })
    }

    fn verify_audit(&self) -> Result<AuditReport, Failure> {
        Ok(self.keeper.store().verify_audit()?)
    }
}

/// An embedded store by itself: for what is done to the whole of it.
pub(crate) struct OpenStore {
    pub(crate) store: SqliteStore,
    pub(crate) folder: PathBuf,
    pub(crate) actor: Actor,
    clock: Arc<dyn Clock>,
}

/// Opens the store, or makes one if `create`d, and says what its owner must hear of.
pub(crate) fn open_store(
    place: &StorePlace,
    config: &Config,
    output: &Output,
    create: bool,
) -> Result<OpenStore, Failure> {
    let folder = store_folder(place.store.as_ref(), config);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let options = options(place, config, &clock)?.create(create);
    let Opened { store, created, master_key_created, behind } =
        SqliteStore::open(&folder, options)?;
    if created {
        output.say(format_args!("made a store in {}", folder.display()));
    }
    if let Some(path) = master_key_created {
        output.say(format_args!(
            "its master key is {}: keep a copy elsewhere; without it the store cannot be read, \
             and whoever has both has every key",
            path.display()
        ));
    }
    if let Some(behind) = behind {
        output.warn(format_args!("{behind}; nothing is signed or changed"));
    }
    Ok(OpenStore { store, folder, actor: actor(config), clock })
}

/// What a store is opened with, as the arguments and the environment say.
pub(crate) fn options(
    place: &StorePlace,
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<OpenOptions, Failure> {
    let rng = Box::new(|| -> Box<dyn Rng> { Box::new(SystemRng) });
    let anchor = place.anchor.as_ref().or(config.anchor.as_ref()).cloned();
    let options = OpenOptions::new(Arc::clone(clock), rng)
        .anchor(anchor)
        .checkpoints(place.checkpoints.clone())
        .actor(actor(config));
    Ok(options.master_key(master_key(place, config)?))
}

/// A master key out of a source that the arguments name.
pub(crate) fn read_master_key(
    source: &Source,
    option: &'static str,
    config: &Config,
) -> Result<MasterKey, Failure> {
    let given = source.read(Purpose { option, limit: LONGEST_MASTER_KEY }, config)?;
    as_master_key(&given)
}

/// From the option, then the variable, then beside the store, where a key manager may keep it wrapped.
fn master_key(place: &StorePlace, config: &Config) -> Result<MasterKeySource, Failure> {
    if place.unseal {
        return Ok(MasterKeySource::Given(shares::ask()?));
    }
    match (&place.master_key, &config.master_key) {
        (Some(source), _) => read_master_key(source, "--master-key", config),
        (None, Some(key)) => as_master_key(key),
        (None, None) => {
            let wrapped = wrapped::master_key(&store_folder(place.store.as_ref(), config))?;
            return Ok(wrapped.map_or(MasterKeySource::BesideStore, MasterKeySource::Given));
        }
    }
    .map(MasterKeySource::Given)
}

fn as_master_key(given: &Secret) -> Result<MasterKey, Failure> {
    // What is no text is no master key either: the empty text is refused with the right words.
    let text = std::str::from_utf8(given.expose()).unwrap_or_default();
    Ok(MasterKey::parse(text)?)
}

/// Who acts on an embedded store.
pub(crate) fn actor(config: &Config) -> Actor {
    Actor::local(user(config))
}

fn user(config: &Config) -> String {
    match &config.user {
        Some(user) => user.chars().filter(|c| !c.is_control()).take(64).collect(),
        None => format!("uid {}", rustix::process::getuid().as_raw()),
    }
}
