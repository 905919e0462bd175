//! The head of a store: how far it has come, sealed, so that nothing can be taken away unnoticed.

use keytide_jose::Rng;
use keytide_ring::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Fault, tampered};
use crate::fields::Fields;
use crate::kek::{Keys, Tag};

/// What is true of the whole store. It is written anew, sealed, by every transaction.
///
/// It is encrypted and not only authenticated: whoever saw how the census changes with each row
/// could work out rows that cancel each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Raised by every transaction.
    pub(crate) generation: u64,
    /// Raised by every change to a ring.
    pub(crate) revision: u64,
    /// When that was, in milliseconds.
    pub(crate) written_at: i64,
    /// The place of the newest audit record.
    pub(crate) audit_seq: u64,
    /// Its hash.
    pub(crate) audit_hash: Tag,
    /// Which rings there are.
    pub(crate) rings: Census,
    /// Which access tokens there are.
    pub(crate) access: Census,
    /// Up to where the audit log was signed, and which signed heads there are.
    pub(crate) signed_seq: u64,
    pub(crate) signed: Census,
    /// What the root key is wrapped under; see [`Wraps::digest`](crate::wrap::Wraps::digest).
    pub(crate) wraps: Tag,
}

/// A count of sealed rows and the sum of a keyed hash of each: equal only for equal sets of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    rows: u64,
    sum: Tag,
}

impl Census {
    /// Counts a row in by its MAC.
    pub(crate) fn add(&mut self, mac: &[u8], keys: &Keys) {
        self.rows = self.rows.wrapping_add(1);
        self.mix(mac, keys);
    }

    /// Counts a row out.
    pub(crate) fn remove(&mut self, mac: &[u8], keys: &Keys) {
        self.rows = self.rows.wrapping_sub(1);
        self.mix(mac, keys);
    }

    /// Counts a row out, if there was one, and its successor in.
    pub(crate) fn replace(&mut self, old: Option<&[u8]>, new: &[u8], keys: &Keys) {
        if let Some(old) = old {
            self.remove(old, keys);
        }
        self.add(new, keys);
    }

    /// Compares with the rows that are there.
    pub(crate) fn check(&self, found: &Self, what: &str) -> Result<(), StoreError> {
        if self == found {
            return Ok(());
        }
        let why = match found.rows.cmp(&self.rows) {
            std::cmp::Ordering::Less => {
                format!("{} of {} were removed", self.rows - found.rows, self.rows)
            }
            std::cmp::Ordering::Greater => {
                format!("{} were added to the {}", found.rows - self.rows, self.rows)
            }
            std::cmp::Ordering::Equal => "one or more were put back in an older form".to_owned(),
        };
        Err(tampered(what, why))
    }

    fn mix(&mut self, mac: &[u8], keys: &Keys) {
        let term = keys.census.tag(&Fields::of("census 1").bytes(mac));
        for (sum, term) in self.sum.iter_mut().zip(term) {
            *sum ^= term;
        }
    }
}

impl Head {
    /// Reads and opens the head.
    ///
    /// # Errors
    /// `store_tampered` when it is gone, changed, or of another store.
    pub(crate) fn read(connection: &Connection, keys: &Keys) -> Result<Self, Fault> {
        let sealed = meta(connection, HEAD)?;
        let plain = sealed.and_then(|sealed| keys.head.open(&Fields::of(BOUND_TO), &sealed));
        match plain.and_then(|plain| Self::from_bytes(&plain)) {
            Some(head) => Ok(head),
            None => Err(tampered("the head of the store", "it is missing or was changed").into()),
        }
    }

    /// Seals and writes the head.
    pub(crate) fn write(
        &self,
        connection: &Connection,
        keys: &Keys,
        rng: &mut dyn Rng,
    ) -> Result<(), Fault> {
        let sealed = keys.head.seal(&Fields::of(BOUND_TO), &self.to_bytes(), rng)?;
        put_meta(connection, HEAD, &sealed)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let Self {
            generation,
            revision,
            written_at,
            audit_seq,
            audit_hash,
            rings,
            access,
            signed_seq,
            signed,
            wraps,
        } = self;
        [
            &generation.to_be_bytes()[..],
            &revision.to_be_bytes(),
            &written_at.to_be_bytes(),
            &audit_seq.to_be_bytes(),
            &rings.rows.to_be_bytes(),
            &access.rows.to_be_bytes(),
            &signed_seq.to_be_bytes(),
            &signed.rows.to_be_bytes(),
            audit_hash,
            &rings.sum,
            &access.sum,
            &signed.sum,
            wraps,
        ]
        .concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
            let (first, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            Some(*first)
        }
        let mut bytes = bytes;
        let mut count = || take(&mut bytes).map(u64::from_be_bytes);
        let [generation, revision] = [count()?, count()?];
        let written_at = count()?.cast_signed();
        let audit_seq = count()?;
        let [rings, access, signed_seq, signed] = [count()?, count()?, count()?, count()?];
        let audit_hash = take(&mut bytes)?;
        let rings = Census { rows: rings, sum: take(&mut bytes)? };
        let access = Census { rows: access, sum: take(&mut bytes)? };
        let signed = Census { rows: signed, sum: take(&mut bytes)? };
        let wraps = take(&mut bytes)?;
        let head = Self {
            generation,
            revision,
            written_at,
            audit_seq,
            audit_hash,
            rings,
            access,
            signed_seq,
            signed,
            wraps,
        };
        bytes.is_empty().then_some(head)
    }
}

/// A value that belongs to the store as a whole.
pub(crate) fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// Writes a value that belongs to the store as a whole.
pub(crate) fn put_meta(connection: &Connection, name: &str, value: &[u8]) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![name, value])?;
    Ok(())
}

/// Removes a value that belongs to the store as a whole.
pub(crate) fn remove_meta(connection: &Connection, name: &str) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM meta WHERE name = ?1")?.execute([name])?;
    Ok(())
}

const HEAD: &str = "head";
const BOUND_TO: &str = "keytide head 1";

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::kek::Root;

    fn keys() -> Keys {
        Keys::derive(Root(Zeroizing::new([1; 32])), b"store")
    }

    #[test]
    fn a_head_survives_being_written_and_read() {
        let mut head = Head { generation: 1, revision: 2, audit_seq: 3, ..Head::default() };
        head.audit_hash = [4; 32];
        head.written_at = -5;
        head.signed_seq = 7;
        head.signed.add(b"head", &keys());
        head.wraps = [6; 32];
        head.rings.add(b"ring", &keys());
        head.access.add(b"token", &keys());
        assert_eq!(Head::from_bytes(&head.to_bytes()), Some(head.clone()));
        assert_eq!(Head::from_bytes(&head.to_bytes()[1..]), None);
    }

    #[test]
    fn a_census_tells_removed_added_and_replaced_rows_from_the_same_rows_in_another_order() {
        let keys = keys();
        let of = |rows: &[&str]| {
            let mut census = Census::default();
            rows.iter().for_each(|row| census.add(row.as_bytes(), &keys));
            census
        };
        let census = of(&["a", "b"]);
        assert!(census.check(&of(&["b", "a"]), "rows").is_ok());
        for (other, why) in [
            (of(&["a"]), "1 of 2 were removed"),
            (of(&["a", "b", "c"]), "1 were added to the 2"),
            (of(&["a", "c"]), "one or more were put back in an older form"),
        ] {
            assert!(census.check(&other, "rows").unwrap_err().to_string().ends_with(why));
        }
        let mut replaced = of(&["a", "c"]);
        replaced.replace(Some(b"c"), b"b", &keys);
        assert_eq!(replaced, census);
    }
}
