//! Another master key above the root key, while the store is in use: no row is sealed anew, and no process notices.
//!
//! Where the key lies beside the store, there is an instant in which its file changes. Around it the
//! root key is wrapped under both, so that the store opens with whichever file is there.

use std::path::{Path, PathBuf};

use keytide_ring::{Action, Actor, Error, Event};

use crate::error::Fault;
use crate::files::{self, MASTER_KEY_FILE};
use crate::transaction::Change;
use crate::wrap::{self, Opened, Wraps};
use crate::{MasterKey, OpenError, SqliteStore, shares};

impl SqliteStore {
    /// Puts this master key above the store in place of the one that it has, in one transaction.
    /// Keep the new one where it can be read before that.
    ///
    /// It does not take from whoever copied both the old master key and the database what they have:
    /// the root key stays the same.
    ///
    /// # Errors
    /// `master_key_same` when it is the one that the store has; a failure of the store.
    pub fn replace_master_key(&self, new: &MasterKey, actor: &Actor) -> Result<(), OpenError> {
        let is_same = self.write(|change| {
            let wraps = Wraps::read(change.connection)?;
            if let Opened::Current(_) | Opened::Next(_) = wraps.open(new, change.keys.store_id()) {
                return Ok(true);
            }
            let current = Some(wrapped(change, new)?);
            put(change, Wraps { current, next: None })?;
            shares::forget(change.connection)?;
            change.append(&Event::done(actor.clone(), Action::MasterKeyReplace))?;
            Ok(false)
        })?;
        if is_same {
            let what = "the one that the store has".to_owned();
            return Err(OpenError::MasterKeySame { what });
        }
        Ok(())
    }

    /// The same where the old master key lies beside the store: its file is wiped and removed.
    ///
    /// The new one must be kept in none of the [`master_key_files`] of the directory.
    ///
    /// # Errors
    /// `master_key_same`, `master_key_missing`, `wrong_master_key` when the one beside the store is
    /// not its own, or a failure of the store or the disk.
    pub fn replace_master_key_elsewhere(
        &self,
        dir: &Path,
        new: &MasterKey,
        actor: &Actor,
    ) -> Result<(), OpenError> {
        let _one_at_a_time = files::lock(dir)?;
        self.finish_rekey(dir)?;
        self.replace_master_key(new, actor)?;
        files::wipe(&dir.join(MASTER_KEY_FILE))
    }

    /// Makes a new master key in place of the one beside the store, and gives its path.
    ///
    /// At every moment the file that is there opens the store.
    ///
    /// # Errors
    /// `master_key_missing`, `wrong_master_key` when the one beside the store is not its own, or a
    /// failure of the store or the disk.
    pub fn replace_master_key_beside(
        &self,
        dir: &Path,
        actor: &Actor,
    ) -> Result<PathBuf, OpenError> {
        self.replace_beside(dir, actor, &mut || ())
    }

    /// The same, calling `between` after each step: a process may die at any of them.
    fn replace_beside(
        &self,
        dir: &Path,
        actor: &Actor,
        between: &mut dyn FnMut(),
    ) -> Result<PathBuf, OpenError> {
        let _one_at_a_time = files::lock(dir)?;
        self.finish_rekey(dir)?;
        let path = dir.join(MASTER_KEY_FILE);
        let next = next_to(&path);
        let new = MasterKey::generate((self.rng)().as_mut()).map_err(Fault::from)?;
        files::replace_whole(&next, &new.to_line())?;
        between();
        self.write(|change| {
            let wraps = Wraps::read(change.connection)?;
            let next = Some(wrapped(change, &new)?);
            put(change, Wraps { next, ..wraps })?;
            change.append(&Event::done(actor.clone(), Action::MasterKeyReplace))
        })?;
        between();
        files::rename(&next, &path)?;
        between();
        self.write(|change| {
            let Wraps { next, .. } = Wraps::read(change.connection)?;
            put(change, Wraps { current: next, next: None })
        })?;
        Ok(path)
    }

    /// Brings a replacement to its end whose process died: forth if the new file is in its place,
    /// else back. Call it under the directory's lock.
    ///
    /// # Errors
    /// As [`SqliteStore::replace_master_key_beside`].
    pub(crate) fn finish_rekey(&self, dir: &Path) -> Result<(), OpenError> {
        let path = dir.join(MASTER_KEY_FILE);
        let there = MasterKey::from_own_file(&path)?;
        self.write(|change| {
            let wraps = Wraps::read(change.connection)?;
            match wraps.open(&there, change.keys.store_id()) {
                Opened::Current(_) if wraps.next.is_none() => Ok(()),
                Opened::Current(_) => put(change, Wraps { next: None, ..wraps }),
                Opened::Next(_) => put(change, Wraps { current: wraps.next, next: None }),
                Opened::Foreign | Opened::Damaged => {
                    Err(keytide_ring::StoreError::WrongMasterKey.into())
                }
            }
        })?;
        left_behind(dir).iter().try_for_each(|path| files::remove(path))
    }

    /// Whether a replacement is under way, or was when its process died.
    pub(crate) fn is_being_rekeyed(&self, dir: &Path) -> Result<bool, Error> {
        let waiting = left_behind(dir).iter().any(|path| path.symlink_metadata().is_ok());
        Ok(waiting || self.read(|state, _, _| Ok(Wraps::read(state)?.next.is_some()))?)
    }
}

/// The files beside a store that hold its master key, or the one that is to follow: whoever replaces
/// it removes them.
pub fn master_key_files(dir: &Path) -> [PathBuf; 2] {
    let path = dir.join(MASTER_KEY_FILE);
    [next_to(&path), path]
}

/// The files beside a master key that a replacement leaves whose process died.
fn left_behind(dir: &Path) -> [PathBuf; 3] {
    let path = dir.join(MASTER_KEY_FILE);
    let next = next_to(&path);
    [files::unfinished(&path), files::unfinished(&next), next]
}

fn wrapped(change: &mut Change<'_>, master: &MasterKey) -> Result<Vec<u8>, Fault> {
    let keys = change.keys;
    Ok(wrap::wrap(master, keys.store_id(), &keys.root, change.rng)?)
}

fn put(change: &mut Change<'_>, wraps: Wraps) -> Result<(), Fault> {
    wraps.write(change.connection)?;
    change.head.wraps = wraps.digest();
    change.made = true;
    Ok(())
}

/// Where the new master key waits until it takes the old one's place.
fn next_to(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use keytide_jose::SystemRng;
    use keytide_ring::{ManualClock, RingStore};

    use super::*;
    use crate::{MasterKeySource, OpenOptions, Opened};

    fn open(dir: &Path, key: Option<MasterKey>) -> Result<Opened, OpenError> {
        let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
        let options = OpenOptions::new(clock, Box::new(|| Box::new(SystemRng))).create(true);
        let source = key.map_or(MasterKeySource::BesideStore, MasterKeySource::Given);
        SqliteStore::open(dir, options.master_key(source))
    }

    fn key_beside(dir: &Path) -> MasterKey {
        MasterKey::from_own_file(&dir.join(MASTER_KEY_FILE)).unwrap()
    }

    #[test]
    fn a_process_that_dies_at_any_step_leaves_a_store_that_opens_with_the_file_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), None).unwrap().store;
        let before = key_beside(dir.path());
        let mut died = Vec::new();
        let actor = Actor::local("tester");
        let replaced = store.replace_beside(dir.path(), &actor, &mut || {
            let copy = tempfile::tempdir().unwrap();
            for file in fs::read_dir(dir.path()).unwrap() {
                let file = file.unwrap();
                fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
            died.push(copy);
        });
        assert_eq!(replaced.unwrap(), dir.path().join(MASTER_KEY_FILE));
        died.push(dir);
        assert_eq!(died.len(), 4);
        for (step, dir) in died.iter().enumerate() {
            let dir = dir.path();
            let there = key_beside(dir);
            let forth = there.expose() != before.expose();
            assert_eq!(forth, step >= 2);
            assert!(open(dir, None).unwrap().behind.is_none(), "step {step}");
            // From then on that file's key alone opens it, and nothing lies about.
            assert!(!dir.join("master.key.next").exists(), "step {step}");
            assert!(open(dir, Some(there)).is_ok(), "step {step}");
            let old = open(dir, Some(MasterKey::from_bytes(*before.expose())));
            match old {
                Ok(_) => assert!(!forth, "step {step}"),
                Err(error) => assert!(forth && error.code() == "wrong_master_key", "{error}"),
            }
        }
    }

    #[test]
    fn a_master_key_that_was_not_whole_when_its_process_died_is_gone_at_the_next_opening() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path(), None).unwrap();
        let left = ["master.key.next", "master.key.next.new", "master.key.new"];
        for name in left {
            fs::write(dir.path().join(name), "half a k").unwrap();
            open(dir.path(), None).unwrap();
            assert!(!dir.path().join(name).exists(), "{name}");
        }
    }

    #[test]
    fn an_open_store_goes_on_while_its_master_key_is_replaced_again_and_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), None).unwrap().store;
        let other = open(dir.path(), None).unwrap().store;
        let actor = Actor::local("tester");
        for _ in 0..5 {
            store.replace_master_key_beside(dir.path(), &actor).unwrap();
            assert!(other.verify_audit().unwrap().broken.is_none());
            assert!(open(dir.path(), None).is_ok());
        }
        assert_eq!(other.audit_len().unwrap(), 6);
        assert!(other.verify().unwrap().is_sound());
    }

    #[test]
    fn the_master_key_that_a_store_has_is_not_taken_for_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), None).unwrap().store;
        let (actor, length) = (Actor::local("tester"), store.audit_len().unwrap());
        let same = key_beside(dir.path());
        let error = store.replace_master_key_elsewhere(dir.path(), &same, &actor).unwrap_err();
        assert_eq!(error.code(), "master_key_same");
        assert_eq!(store.audit_len().unwrap(), length);
        assert!(open(dir.path(), None).is_ok());
        let new = MasterKey::generate(&mut SystemRng).unwrap();
        store.replace_master_key_elsewhere(dir.path(), &new, &actor).unwrap();
        assert!(!dir.path().join(MASTER_KEY_FILE).exists());
        assert!(open(dir.path(), Some(new)).is_ok());
    }

    #[test]
    fn a_replaced_wrap_that_is_put_back_lets_the_old_key_in_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), None).unwrap().store;
        let old = key_beside(dir.path());
        let wrap = |store: &SqliteStore| store.read(|state, _, _| Wraps::read(state)).unwrap();
        let before = wrap(&store);
        let new = MasterKey::generate(&mut SystemRng).unwrap();
        store.replace_master_key(&new, &Actor::local("tester")).unwrap();
        before.write(&store.connections.writer()).unwrap_or_else(|_| panic!());
        let error = open(dir.path(), Some(old)).err().unwrap();
        assert_eq!(error.code(), "store_tampered");
    }
}
