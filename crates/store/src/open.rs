//! Opening a store: its files, its master key, and proof that both belong together and are whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Rng;
use keytide_ring::{Action, Actor, Clock, Event, StoreError};
use rusqlite::{Connection, TransactionBehavior};

use crate::connection::{self, Connections};
use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::files::{self, DATABASE_FILE, MASTER_KEY_FILE};
use crate::head::{self, Head};
use crate::kek::{self, Keys};
use crate::transaction::Change;
use crate::{MasterKey, OpenError, SqliteStore, migrate, verify};

/// Makes a source of randomness for data keys and nonces.
pub type RngSource = Box<dyn Fn() -> Box<dyn Rng> + Send + Sync>;

/// Where the master key comes from.
pub enum MasterKeySource {
    /// The file [`MASTER_KEY_FILE`] in the store's directory; made along with a new store.
    BesideStore,
    /// This one.
    Given(MasterKey),
}

/// What a store is opened with.
pub struct OpenOptions {
    clock: Arc<dyn Clock>,
    rng: RngSource,
    master_key: MasterKeySource,
    create: bool,
    actor: Actor,
    busy_timeout: Duration,
    census: bool,
}

impl OpenOptions {
    /// With the store's clock and its source of randomness: an existing store, its master key
    /// beside it.
    pub fn new(clock: Arc<dyn Clock>, rng: RngSource) -> Self {
        Self {
            clock,
            rng,
            master_key: MasterKeySource::BesideStore,
            create: false,
            actor: Actor::local("local"),
            busy_timeout: Duration::from_secs(5),
            census: true,
        }
    }

    /// Where the master key comes from. Default: beside the store.
    #[must_use]
    pub fn master_key(mut self, source: MasterKeySource) -> Self {
        self.master_key = source;
        self
    }

    /// Whether to make a store where there is none. Default: no.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Who makes the store, for its first audit record. Default: `local`.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// How long to wait for another process that is writing. Default: 5 s.
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Whether to check every ring's row and count them all before the store is used: a few
    /// microseconds a ring. Default: yes.
    #[must_use]
    pub fn census(mut self, census: bool) -> Self {
        self.census = census;
        self
    }
}

/// A store that was opened.
pub struct Opened {
    /// The store.
    pub store: SqliteStore,
    /// Whether it was made just now.
    pub created: bool,
    /// The master key's file, if that was made just now: its owner must hear of it.
    pub master_key_created: Option<PathBuf>,
}

impl SqliteStore {
    /// Opens the store in a directory.
    ///
    /// # Errors
    /// `store_not_found`, `store_directory_exposed`, `store_file_foreign`, `master_key_missing`,
    /// `master_key_unusable`, `master_key_exposed`, `wrong_master_key`, `store_tampered`,
    /// `store_too_new`, or a failure of the disk.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Opened, OpenError> {
        let OpenOptions { clock, rng, master_key, create, actor, busy_timeout, census } = options;
        let database = dir.join(DATABASE_FILE);
        let mut created = Created::default();
        if !database.exists() {
            if !create {
                return Err(OpenError::NotFound { dir: dir.to_owned() });
            }
            files::make_directory(dir)?;
            files::check_directory(dir)?;
            let one_at_a_time = files::lock(dir)?;
            if !database.exists() {
                if files::log_of(&database).exists() {
                    // SQLite would write the old log into the new database.
                    let why = "it is gone, and the log of its last changes is still there";
                    return Err(Fault::from(tampered("the database file", why)).into());
                }
                files::remove_unfinished(dir)?;
                let now = clock.now();
                created = make(dir, &master_key, &mut *rng(), &actor, now)?;
            }
            drop(one_at_a_time);
        }
        files::check_directory(dir)?;
        let master_key = match master_key {
            MasterKeySource::Given(key) => key,
            MasterKeySource::BesideStore => MasterKey::from_own_file(&dir.join(MASTER_KEY_FILE))?,
        };

        let mut connection = connection::open(&database, busy_timeout)?;
        let keys = recognise(&connection, &master_key)?;
        drop(master_key);
        connection::use_wal(&connection)?;
        migrate::migrate(&mut connection)?;
        migrate::check_tables(&connection)?;
        let head = Head::read(&connection, &keys)?;
        let connections =
            Connections::new(database, busy_timeout, connection).map_err(Fault::from)?;
        let store = Self::new(connections, keys, clock, rng, &head);
        if census {
            store.read(verify::census)?;
        }
        let Created { created, master_key } = created;
        Ok(Opened { store, created, master_key_created: master_key })
    }
}

#[derive(Default)]
struct Created {
    created: bool,
    master_key: Option<PathBuf>,
}

/// Makes a store under another name first, so that a database is there whole or not at all; and the
/// master key before it, so that no database is ever there without.
fn make(
    dir: &Path,
    source: &MasterKeySource,
    rng: &mut dyn Rng,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<Created, OpenError> {
    let mut created = Created { created: true, master_key: None };
    let made;
    let master_key = match source {
        MasterKeySource::Given(key) => key,
        MasterKeySource::BesideStore => {
            let path = dir.join(MASTER_KEY_FILE);
            // Also where it is a link that leads nowhere.
            made = if path.symlink_metadata().is_ok() {
                MasterKey::from_own_file(&path)?
            } else {
                let key = MasterKey::generate(rng).map_err(Fault::from)?;
                files::write_whole(&path, &key.to_line())?;
                created.master_key = Some(path);
                key
            };
            &made
        }
    };
    let database = dir.join(DATABASE_FILE);
    let growing = files::unfinished(&database);
    drop(files::create_empty(&growing)?);
    let mut connection = connection::open(&growing, Duration::ZERO)?;
    fill(&mut connection, master_key, rng, actor, now)?;
    connection.close().map_err(|(_, error)| Fault::from(error))?;
    files::finish(&database)?;
    Ok(created)
}

/// Writes the tables of a new store, what its master key is recognised by, and its head.
fn fill(
    connection: &mut Connection,
    master_key: &MasterKey,
    rng: &mut dyn Rng,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Fault> {
    migrate::migrate(connection)?;
    let mut id = [0; 16];
    rng.fill(&mut id)?;
    let keys = Keys::derive(master_key, &id);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    head::put_meta(&transaction, ID, &id)?;
    head::put_meta(&transaction, IDENTITY, &keys.identity.tag(&identity(&id)))?;
    head::put_meta(&transaction, CHECK, &kek::check_value(master_key))?;
    let mut change = Change::new(&transaction, &keys, rng, Head::default(), now);
    change.append(&Event::done(actor.clone(), Action::StoreCreate))?;
    let Change { head, rng, .. } = change;
    head.write(&transaction, &keys, rng)?;
    transaction.commit()?;
    Ok(())
}

/// Tells a wrong master key from a store that was changed: the key is known by two marks, of which
/// a wrong key fits neither.
fn recognise(connection: &Connection, master_key: &MasterKey) -> Result<Keys, Fault> {
    let found = migrate::format_of(connection)?;
    if found > migrate::FORMAT {
        return Err(StoreError::TooNew { found, known: migrate::FORMAT }.into());
    }
    if found == 0 {
        return Err(tampered("the database file", "it is empty, or no store of Keytide's").into());
    }
    let mark = |name| Ok::<_, Fault>(head::meta(connection, name)?.unwrap_or_default());
    let (id, identified) = (mark(ID)?, mark(IDENTITY)?);
    let keys = Keys::derive(master_key, &id);
    let by_check = mark(CHECK)? == kek::check_value(master_key);
    let by_identity = keys.identity.fits(&identity(&id), &identified);
    match (by_check, by_identity) {
        (true, true) => Ok(keys),
        (false, false) => Err(StoreError::WrongMasterKey.into()),
        _ => Err(tampered(
            "the identity of the store",
            "the master key fits one of the two marks it is recognised by, and not the other",
        )
        .into()),
    }
}

fn identity(id: &[u8]) -> Fields {
    Fields::of("identity 1").bytes(id)
}

const ID: &str = "store_id";
const IDENTITY: &str = "identity";
const CHECK: &str = "key_check";
