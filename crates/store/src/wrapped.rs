//! The master key under a key manager's key: a file in place of its own, which says nothing without the manager.

use std::path::Path;

use keytide_jose::Secret;
use keytide_ring::{Action, Actor, Event};

use crate::error::OpenError;
use crate::files::{self, MASTER_KEY_FILE};
use crate::master_key::MasterKey;
use crate::sqlite::SqliteStore;

/// The name of the file beside the store that holds the wrapped master key, as whoever wrapped it wrote it.
pub const WRAPPED_MASTER_KEY_FILE: &str = "master.key.wrapped";

/// More than any wrapped key with its settings.
const LONGEST: usize = 64 << 10;

impl SqliteStore {
    /// Puts the master key beside the store under another key, and removes its file. `wrap` gets it as one
    /// line of hexadecimal digits, and gives what is to lie in its place; it must have seen that the
    /// manager gives it back.
    ///
    /// # Errors
    /// `master_key_missing`, what `wrap` says, or a failure of the store; the master key's file stays.
    pub fn wrap_master_key<E: From<OpenError>>(
        &self,
        dir: &Path,
        manager: &str,
        actor: &Actor,
        wrap: impl FnOnce(&Secret) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let _one_at_a_time = files::lock(dir)?;
        self.finish_rekey(dir)?;
        let path = dir.join(MASTER_KEY_FILE);
        let line = Secret::new(MasterKey::from_own_file(&path)?.to_line().to_vec());
        let wrapped = wrap(&line)?;
        files::replace_whole(&dir.join(WRAPPED_MASTER_KEY_FILE), &wrapped)?;
        self.write(|change| {
            let event = Event::done(actor.clone(), Action::StoreSeal);
            change.append(&event.detail("wrapped_by", manager))
        })
        .map_err(OpenError::from)?;
        files::wipe(&path)?;
        Ok(())
    }

    /// Takes the wrapped master key away, once the key itself lies beside the store again.
    ///
    /// # Errors
    /// `master_key_missing` where it does not, or a failure of the disk.
    pub fn forget_wrapped_master_key(&self, dir: &Path) -> Result<(), OpenError> {
        MasterKey::from_own_file(&dir.join(MASTER_KEY_FILE))?;
        files::wipe(&dir.join(WRAPPED_MASTER_KEY_FILE))
    }
}

/// What lies in the place of the master key beside the store, if it was wrapped. The key itself, where it
/// is there too, goes before it.
///
/// # Errors
/// `file_exposed`, or a failure of the disk.
pub fn wrapped_master_key(dir: &Path) -> Result<Option<Secret>, OpenError> {
    if dir.join(MASTER_KEY_FILE).exists() {
        return Ok(None);
    }
    let found = files::read_private(&dir.join(WRAPPED_MASTER_KEY_FILE))?;
    Ok(found.filter(|found| found.len() <= LONGEST))
}
