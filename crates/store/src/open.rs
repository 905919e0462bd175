//! Opening a store: its files, its master key, and proof that both belong together and are whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keytide_jose::Rng;
use keytide_ring::{Action, Actor, Behind, Clock, Event, StoreError};
use rusqlite::{Connection, TransactionBehavior};

use crate::anchor::{Anchor, Mark};
use crate::connection::{self, Connections};
use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::files::{self, ANCHOR_FILE, CHECKPOINTS_FILE, DATABASE_FILE, MASTER_KEY_FILE};
use crate::head::{self, Head};
use crate::kek::{Keys, Root};
use crate::transaction::Change;
use crate::wrap::{self, Wraps};
use crate::{MasterKey, OpenError, SqliteStore, migrate, row, shares, verify};

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
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: RngSource,
    pub(crate) master_key: MasterKeySource,
    pub(crate) anchor: Option<PathBuf>,
    checkpoints: Option<PathBuf>,
    create: bool,
    pub(crate) actor: Actor,
    pub(crate) busy_timeout: Duration,
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
            anchor: None,
            checkpoints: None,
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

    /// Where the anchor is, by which an older database is noticed. Best on another disk. Default:
    /// [`ANCHOR_FILE`] in the store's directory.
    #[must_use]
    pub fn anchor(mut self, path: Option<PathBuf>) -> Self {
        self.anchor = path;
        self
    }

    /// Where signed heads of the audit log are kept outside the database. Default:
    /// [`CHECKPOINTS_FILE`] beside the anchor.
    #[must_use]
    pub fn checkpoints(mut self, path: Option<PathBuf>) -> Self {
        self.checkpoints = path;
        self
    }

    /// Whether to make a store where there is none. Default: no.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Who makes or restores the store, for its audit log. Default: `local`.
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
    /// How the database is older than it should be, if it is: it is read, and neither signed with
    /// nor changed.
    pub behind: Option<Behind>,
}

impl SqliteStore {
    /// Opens the store in a directory.
    ///
    /// # Errors
    /// `store_not_found`, `store_directory_exposed`, `store_file_foreign`, `master_key_missing`,
    /// `master_key_unusable`, `master_key_exposed`, `wrong_master_key`, `store_tampered`,
    /// `store_too_new`, or a failure of the disk.
    pub fn open(dir: &Path, options: OpenOptions) -> Result<Opened, OpenError> {
        let OpenOptions {
            clock,
            rng,
            master_key,
            anchor,
            checkpoints,
            create,
            actor,
            busy_timeout,
            census,
        } = options;
        let database = dir.join(DATABASE_FILE);
        let anchor = Anchor::new(anchor.unwrap_or_else(|| dir.join(ANCHOR_FILE)));
        let checkpoints =
            checkpoints.unwrap_or_else(|| anchor.path().with_file_name(CHECKPOINTS_FILE));
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
                if anchor.is_there() {
                    let why = format!(
                        "it is gone, and its anchor is still there: `{}`",
                        anchor.path().display()
                    );
                    return Err(Fault::from(tampered("the database file", why)).into());
                }
                files::remove_unfinished(dir)?;
                let now = clock.now();
                created = make(dir, &anchor, &master_key, &mut *rng(), &actor, now)?;
            }
            drop(one_at_a_time);
        }
        files::check_directory(dir)?;
        let is_beside = matches!(master_key, MasterKeySource::BesideStore);
        let master_key = match master_key {
            MasterKeySource::Given(key) => key,
            MasterKeySource::BesideStore => MasterKey::from_own_file(&dir.join(MASTER_KEY_FILE))
                .map_err(|error| match error {
                    OpenError::MasterKeyMissing { .. } => sealed(&database).unwrap_or(error),
                    error => error,
                })?,
        };

        let mut connection = connection::open(&database, busy_timeout)?;
        let keys = recognise(&connection, &master_key)?;
        drop(master_key);
        connection::use_wal(&connection)?;
        migrate::migrate(&mut connection)?;
        migrate::check_tables(&connection)?;
        let head = Head::read(&connection, &keys)?;
        check_wraps(&connection, &keys)?;
        if head.generation == 0 && !anchor.is_there() {
            // A new store whose maker died before its anchor; nothing was kept in it yet.
            let _one_at_a_time = files::lock(dir)?;
            if !anchor.is_there() {
                anchor.make(&keys, &Mark::of(&head, &Mark::default()), &[], &mut *rng())?;
            }
        }
        let connections =
            Connections::new(database, busy_timeout, connection).map_err(Fault::from)?;
        let store = Self::new(connections, keys, anchor, checkpoints, clock, rng, &head);
        store.settle_anchor()?;
        if is_beside
            && store.is_being_rekeyed(dir)?
            && store.behind()?.is_none()
            && let Some(_one_at_a_time) = files::try_lock(dir)?
        {
            store.finish_rekey(dir)?;
        }
        if census {
            store.read(verify::census)?;
        }
        let Created { created, master_key } = created;
        let behind = store.behind()?;
        Ok(Opened { store, created, master_key_created: master_key, behind })
    }
}

/// Why a store has no master key beside it, if that is because it was split into shares.
fn sealed(database: &Path) -> Option<OpenError> {
    let there = connection::open(database, Duration::ZERO).ok()?;
    shares::needed(&there).map(|needed| OpenError::Sealed { needed })
}

#[derive(Default)]
struct Created {
    created: bool,
    master_key: Option<PathBuf>,
}

/// Makes a store under another name first, so that a database is there whole or not at all; and the
/// master key before it, so that no database is ever there without. Its anchor comes last: where one
/// is, there was a database.
fn make(
    dir: &Path,
    anchor: &Anchor,
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
    let (keys, head) = fill(&mut connection, master_key, rng, actor, now)?;
    connection.close().map_err(|(_, error)| Fault::from(error))?;
    files::finish(&database)?;
    anchor.make(&keys, &Mark::of(&head, &Mark::default()), &[], rng)?;
    Ok(created)
}

/// Writes the tables of a new store, what its master key is recognised by, and its head.
fn fill(
    connection: &mut Connection,
    master_key: &MasterKey,
    rng: &mut dyn Rng,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(Keys, Head), Fault> {
    migrate::migrate(connection)?;
    let mut id = [0; 16];
    rng.fill(&mut id)?;
    let keys = Keys::derive(Root::generate(rng)?, &id);
    let wraps = Wraps { current: Some(wrap::wrap(master_key, &id, &keys.root, rng)?), next: None };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    head::put_meta(&transaction, ID, &id)?;
    head::put_meta(&transaction, IDENTITY, &keys.identity.tag(&identity(&id)))?;
    wraps.write(&transaction)?;
    let head = Head { wraps: wraps.digest(), written_at: row::millis(now), ..Head::default() };
    let mut change = Change::new(&transaction, &keys, rng, head, now);
    change.append(&Event::done(actor.clone(), Action::StoreCreate))?;
    let Change { head, rng, .. } = change;
    head.write(&transaction, &keys, rng)?;
    transaction.commit()?;
    Ok((keys, head))
}

/// Tells a wrong master key from a store that was changed.
pub(crate) fn recognise(connection: &Connection, master_key: &MasterKey) -> Result<Keys, Fault> {
    let found = migrate::format_of(connection)?;
    if found > migrate::FORMAT {
        return Err(StoreError::TooNew { found, known: migrate::FORMAT }.into());
    }
    if found == 0 {
        return Err(tampered("the database file", "it is empty, or no store of Keytide's").into());
    }
    let id = head::meta(connection, ID)?.unwrap_or_default();
    let changed = |why| Err(tampered("the identity of the store", why).into());
    let root = match Wraps::read(connection)?.open(master_key, &id) {
        wrap::Opened::Current(root) | wrap::Opened::Next(root) => root,
        wrap::Opened::Foreign => return Err(StoreError::WrongMasterKey.into()),
        wrap::Opened::Damaged => {
            return changed(
                "the master key fits one of the marks it is recognised by, and not all",
            );
        }
    };
    let keys = Keys::derive(root, &id);
    check_identity(connection, &keys)?;
    Ok(keys)
}

/// That the store's name is the one that its keys belong to.
pub(crate) fn check_identity(connection: &Connection, keys: &Keys) -> Result<(), Fault> {
    let mark = |name| Ok::<_, Fault>(head::meta(connection, name)?.unwrap_or_default());
    let (id, identified) = (mark(ID)?, mark(IDENTITY)?);
    if id == keys.store_id() && keys.identity.fits(&identity(&id), &identified) {
        return Ok(());
    }
    Err(tampered("the identity of the store", "its name does not fit the seal over it").into())
}

/// A wrap that was put back would let a master key in that was replaced.
fn check_wraps(connection: &Connection, keys: &Keys) -> Result<(), Fault> {
    let state = connection.unchecked_transaction()?;
    if Wraps::read(&state)?.digest() == Head::read(&state, keys)?.wraps {
        return Ok(());
    }
    Err(tampered("the identity of the store", "the root key is wrapped as it was not before")
        .into())
}

fn identity(id: &[u8]) -> Fields {
    Fields::of("identity 1").bytes(id)
}

const ID: &str = "store_id";
const IDENTITY: &str = "identity";
