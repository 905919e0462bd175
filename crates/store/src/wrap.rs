//! The root key of a store under its master key, so that a master key can be replaced without touching a row.
//!
//! A wrap is the master key's check value ‖ the root key sealed under a key of the master key's.
//! While a master key is being replaced there are two, and either master key opens the store.

use keytide_jose::digest::sha256;
use keytide_jose::{Error, Rng};
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::MasterKey;
use crate::error::Fault;
use crate::fields::Fields;
use crate::head;
use crate::kek::{MasterKeys, Root, Tag};

/// The wraps of a store, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wraps {
    /// Under the master key.
    pub(crate) current: Option<Vec<u8>>,
    /// Under the one that is to follow it.
    pub(crate) next: Option<Vec<u8>>,
}

/// What came of trying a master key.
pub(crate) enum Opened {
    /// It is the one that the root key is wrapped under.
    Current(Root),
    /// It is the one that is to follow.
    Next(Root),
    /// It is another one.
    Foreign,
    /// It is recognised by one of its two marks, and not by the other: somebody changed them.
    Damaged,
}

impl Wraps {
    pub(crate) fn read(connection: &Connection) -> Result<Self, Fault> {
        let [current, next] = [CURRENT, NEXT].map(|name| head::meta(connection, name));
        Ok(Self { current: current?, next: next? })
    }

    /// Writes them over those that are there.
    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Fault> {
        for (name, wrap) in [(CURRENT, &self.current), (NEXT, &self.next)] {
            match wrap {
                Some(wrap) => head::put_meta(connection, name, wrap)?,
                None => head::remove_meta(connection, name)?,
            }
        }
        Ok(())
    }

    /// Tries a master key on each.
    pub(crate) fn open(&self, master: &MasterKey, store_id: &[u8]) -> Opened {
        let master = MasterKeys::derive(master, store_id);
        let mut damaged = self.current.is_none();
        for (wrap, is_next) in [(&self.current, false), (&self.next, true)] {
            let Some(wrap) = wrap else { continue };
            match unwrap(&master, wrap) {
                Ok(Some(root)) if is_next => return Opened::Next(root),
                Ok(Some(root)) => return Opened::Current(root),
                Ok(None) => {}
                Err(Damaged) => damaged = true,
            }
        }
        if damaged { Opened::Damaged } else { Opened::Foreign }
    }

    /// What the head remembers them by: an older wrap that is put back does not fit it.
    pub(crate) fn digest(&self) -> Tag {
        let Self { current, next } = self;
        let fields = Fields::of("wraps 1");
        let fields = fields.maybe_bytes(current.as_deref()).maybe_bytes(next.as_deref());
        sha256(fields.as_bytes())
    }
}

/// Wraps the root key of a store under a master key.
///
/// # Errors
/// The random source failed.
pub(crate) fn wrap(
    master: &MasterKey,
    store_id: &[u8],
    root: &Root,
    rng: &mut dyn Rng,
) -> Result<Vec<u8>, Error> {
    let MasterKeys { check, wrap } = MasterKeys::derive(master, store_id);
    // The store's name is in the key already.
    let sealed = wrap.seal(&Fields::of(BOUND_TO), &root.0[..], rng)?;
    Ok([&check[..], &sealed].concat())
}

struct Damaged;

fn unwrap(master: &MasterKeys, wrap: &[u8]) -> Result<Option<Root>, Damaged> {
    let (check, rest) = wrap.split_first_chunk::<32>().ok_or(Damaged)?;
    let opened = master.wrap.open(&Fields::of(BOUND_TO), rest);
    match (*check == master.check, opened) {
        (true, Some(plain)) => {
            let mut root = Zeroizing::new([0; 32]);
            if plain.len() != root.len() {
                return Err(Damaged);
            }
            root.copy_from_slice(&plain);
            Ok(Some(Root(root)))
        }
        (false, None) => Ok(None),
        _ => Err(Damaged),
    }
}

const BOUND_TO: &str = "keytide root 1";
const CURRENT: &str = "wrap";
const NEXT: &str = "wrap_next";

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes([byte; 32])
    }

    fn wrapped(byte: u8, root: &Root) -> Option<Vec<u8>> {
        Some(wrap(&master(byte), b"store", root, &mut SystemRng).unwrap())
    }

    #[test]
    fn either_of_two_master_keys_gives_the_same_root_and_a_third_gives_none() {
        let root = Root::generate(&mut SystemRng).unwrap();
        let wraps = Wraps { current: wrapped(1, &root), next: wrapped(2, &root) };
        let Opened::Current(one) = wraps.open(&master(1), b"store") else { panic!() };
        let Opened::Next(two) = wraps.open(&master(2), b"store") else { panic!() };
        assert!(*one.0 == *root.0 && *two.0 == *root.0);
        assert!(matches!(wraps.open(&master(3), b"store"), Opened::Foreign));
        assert!(matches!(wraps.open(&master(1), b"other"), Opened::Damaged));
    }

    #[test]
    fn a_wrap_that_was_changed_is_told_from_a_wrong_key() {
        let root = Root::generate(&mut SystemRng).unwrap();
        let whole = wrapped(1, &root).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            let wraps = Wraps { current: Some(changed), next: None };
            assert!(matches!(wraps.open(&master(1), b"store"), Opened::Damaged), "byte {at}");
        }
        assert!(matches!(Wraps::default().open(&master(1), b"store"), Opened::Damaged));
    }
}
