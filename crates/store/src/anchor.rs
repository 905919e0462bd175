//! The anchor: how far the store has come, kept outside its database, so that an older copy of it is noticed.
//!
//! A file of two slots and a journal. After each commit the slot that is not the newest is written
//! over and brought to the disk, so that one of them is whole at any moment. The journal holds what
//! an older database must never undo, revocations and destructions: an entry is on the disk before
//! its transaction is committed, and counts once a slot says so. Everything is sealed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use keytide_jose::Rng;
use keytide_jose::digest::sha256;
use serde::{Deserialize, Serialize};

use crate::fields::Fields;
use crate::files;
use crate::head::Head;
use crate::kek::{Keys, Tag};
use crate::{OpenError, row};

/// Where the anchor of a store is. The file is opened anew each time: what counts is what is there.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    path: PathBuf,
}

/// What a slot says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) generation: u64,
    pub(crate) revision: u64,
    /// In milliseconds.
    pub(crate) written_at: i64,
    pub(crate) audit_seq: u64,
    pub(crate) audit_hash: Tag,
    /// How many entries of the journal count, how many bytes they take, and the hash over them.
    entries: u64,
    bytes: u64,
    hash: Tag,
}

/// What an older database must not undo; instants in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    Revoked { ring: String, kid: String, revoked_at: i64, exposed_until: i64 },
    Destroyed { ring: String, epoch: i64, at: i64 },
    AccessEnded { subject: String, seq: u64 },
}

/// Why there is nothing to go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Missing,
    Damaged(String),
}

impl Mark {
    /// What a head says, with the journal of another mark.
    pub(crate) fn of(head: &Head, journal: &Self) -> Self {
        let Head { generation, revision, written_at, audit_seq, audit_hash, .. } = head.clone();
        Self { generation, revision, written_at, audit_seq, audit_hash, ..journal.clone() }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let Self { generation, revision, written_at, audit_seq, audit_hash, entries, bytes, hash } =
            self;
        let numbers = [*generation, *revision, written_at.cast_unsigned(), *audit_seq];
        let numbers = numbers.into_iter().chain([*entries, *bytes]);
        let mut out: Vec<u8> = numbers.flat_map(u64::to_be_bytes).collect();
        out.extend(audit_hash);
        out.extend(hash);
        out
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, hashes) = bytes.split_at_checked(48)?;
        let mut numbers = numbers.chunks_exact(8).map(|number| number.try_into().ok());
        let mut number = || numbers.next().flatten().map(u64::from_be_bytes);
        let (audit_hash, hash) = hashes.split_at_checked(32)?;
        Some(Self {
            generation: number()?,
            revision: number()?,
            written_at: number()?.cast_signed(),
            audit_seq: number()?,
            entries: number()?,
            bytes: number()?,
            audit_hash: audit_hash.try_into().ok()?,
            hash: hash.try_into().ok()?,
        })
    }
}

impl Anchor {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Whether a file is there, whatever it is.
    pub(crate) fn is_there(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The newest slot.
    pub(crate) fn read(&self, keys: &Keys) -> Result<Mark, Lost> {
        let mut file = self.open(false)?;
        match newest(&mut file, keys) {
            Ok((mark, _)) => Ok(mark),
            // Perhaps it was being written: look again when nobody is.
            Err(_) => {
                file.lock_shared().map_err(|error| damaged(&error))?;
                newest(&mut file, keys).map(|(mark, _)| mark)
            }
        }
    }

    /// What an older database must not undo; none where that is not known.
    pub(crate) fn journal(&self, keys: &Keys) -> Option<Vec<Entry>> {
        let mut file = self.open(false).ok()?;
        file.lock_shared().ok()?;
        let (mark, _) = newest(&mut file, keys).ok()?;
        read_journal(&mut file, keys, &mark).ok()
    }

    /// Waits until no other process changes the anchor, and keeps them all from it.
    pub(crate) fn hold(&self) -> Result<Held, Lost> {
        let file = self.open(true)?;
        file.lock().map_err(|error| damaged(&error))?;
        Ok(Held { file })
    }

    /// Makes the file, over one that is there: whole and on the disk, or not at all.
    pub(crate) fn make(
        &self,
        keys: &Keys,
        mark: &Mark,
        entries: &[Entry],
        rng: &mut dyn Rng,
    ) -> Result<(), OpenError> {
        let growing = files::unfinished(&self.path);
        files::remove(&growing)?;
        let failed = |error| OpenError::file("write", &growing, error);
        let file = files::create_empty(&growing)?;
        file.set_len(SLOTS * SLOT).map_err(failed)?;
        let mut held = Held { file };
        let empty = Mark { entries: 0, bytes: 0, hash: Tag::default(), ..mark.clone() };
        let mark = held.append(keys, &empty, entries, rng).map_err(failed)?;
        held.write(keys, &mark, rng).map_err(failed)?;
        files::finish(&self.path)
    }

    fn open(&self, write: bool) -> Result<File, Lost> {
        match files::open_own(&self.path, write) {
            Ok(Some(file)) => Ok(file),
            Ok(None) => Err(Lost::Missing),
            Err(error) => Err(Lost::Damaged(error.to_string())),
        }
    }
}

/// The anchor while nobody else may change it.
pub(crate) struct Held {
    file: File,
}

impl Held {
    pub(crate) fn read(&mut self, keys: &Keys) -> Result<Mark, Lost> {
        newest(&mut self.file, keys).map(|(mark, _)| mark)
    }

    /// Brings entries to the disk behind those that count, and gives a mark by which they do.
    pub(crate) fn append(
        &mut self,
        keys: &Keys,
        mark: &Mark,
        entries: &[Entry],
        rng: &mut dyn Rng,
    ) -> io::Result<Mark> {
        let mut mark = mark.clone();
        let mut bytes = Vec::new();
        for entry in entries {
            let plain = serde_json::to_vec(entry)?;
            let sealed = keys
                .anchor
                .seal(&entry_place(mark.entries), &plain, rng)
                .map_err(io::Error::other)?;
            let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
            mark.hash = link(&mark.hash, &sealed);
            mark.entries += 1;
            bytes.extend(length.to_be_bytes());
            bytes.extend(sealed);
        }
        if bytes.is_empty() {
            return Ok(mark);
        }
        self.file.seek(SeekFrom::Start(SLOTS * SLOT + mark.bytes))?;
        self.file.write_all(&bytes)?;
        self.file.sync_all()?;
        mark.bytes += bytes.len() as u64;
        Ok(mark)
    }

    /// Writes a mark over the older slot and brings it to the disk.
    pub(crate) fn write(&mut self, keys: &Keys, mark: &Mark, rng: &mut dyn Rng) -> io::Result<()> {
        let slot = newest(&mut self.file, keys).map_or(0, |(_, newest)| 1 - newest);
        let sealed = keys.anchor.seal(&slot_place(slot), &mark.to_bytes(), rng);
        let sealed = sealed.map_err(io::Error::other)?;
        self.file.seek(SeekFrom::Start(slot * SLOT))?;
        self.file.write_all(&sealed)?;
        self.file.sync_all()
    }

    /// The entries of the journal that a mark counts.
    pub(crate) fn journal(&mut self, keys: &Keys, mark: &Mark) -> Result<Vec<Entry>, Lost> {
        read_journal(&mut self.file, keys, mark)
    }
}

fn read_journal(file: &mut File, keys: &Keys, mark: &Mark) -> Result<Vec<Entry>, Lost> {
    let changed = || Lost::Damaged("its journal was changed or cut short".to_owned());
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(SLOTS * SLOT)).map_err(|error| damaged(&error))?;
    let read = file.take(mark.bytes).read_to_end(&mut bytes);
    read.map_err(|error| damaged(&error))?;
    let (mut rest, mut hash, mut entries) = (&bytes[..], Tag::default(), Vec::new());
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| changed())?;
        let (sealed, behind) = behind.split_at_checked(length).ok_or_else(changed)?;
        let plain = keys.anchor.open(&entry_place(entries.len() as u64), sealed);
        let entry = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        entries.push(entry.ok_or_else(changed)?);
        hash = link(&hash, sealed);
        rest = behind;
    }
    if !rest.is_empty() || hash != mark.hash || entries.len() as u64 != mark.entries {
        return Err(changed());
    }
    Ok(entries)
}

/// The whole slot of the highest generation, and which one it is.
fn newest(file: &mut File, keys: &Keys) -> Result<(Mark, u64), Lost> {
    let mut newest = None;
    for slot in 0..SLOTS {
        let mut bytes = [0; SEALED_MARK];
        let read =
            file.seek(SeekFrom::Start(slot * SLOT)).and_then(|_| file.read_exact(&mut bytes));
        match read {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(damaged(&error));
            }
            _ => {}
        }
        let plain = keys.anchor.open(&slot_place(slot), &bytes);
        let Some(mark) = plain.and_then(|plain| Mark::from_bytes(&plain)) else { continue };
        if newest.as_ref().is_none_or(|(other, _): &(Mark, u64)| other.generation < mark.generation)
        {
            newest = Some((mark, slot));
        }
    }
    newest.ok_or_else(|| Lost::Damaged("it was changed, or is another store's".to_owned()))
}

fn damaged(error: &io::Error) -> Lost {
    Lost::Damaged(format!("it cannot be read: {error}"))
}

fn slot_place(slot: u64) -> Fields {
    Fields::of("anchor slot 1").number(row::number(slot))
}

fn entry_place(index: u64) -> Fields {
    Fields::of("anchor entry 1").number(row::number(index))
}

fn link(hash: &Tag, sealed: &[u8]) -> Tag {
    sha256(Fields::of("anchor journal 1").bytes(hash).bytes(sealed).as_bytes())
}

const SLOTS: u64 = 2;
/// A slot has a block of the disk to itself: writing one never tears the other.
const SLOT: u64 = 4_096;
/// A nonce, six numbers, two hashes, a tag.
const SEALED_MARK: usize = 12 + 6 * 8 + 2 * 32 + 16;

#[cfg(test)]
mod tests {
    use std::fs;

    use keytide_jose::SystemRng;
    use zeroize::Zeroizing;

    use super::*;
    use crate::kek::Root;

    fn keys(byte: u8) -> Keys {
        Keys::derive(Root(Zeroizing::new([byte; 32])), b"store")
    }

    fn mark(generation: u64) -> Mark {
        Mark { generation, ..Mark::default() }
    }

    fn revoked(number: u64) -> Entry {
        let (ring, kid) = ("a.b".to_owned(), format!("k{number}"));
        Entry::Revoked { ring, kid, revoked_at: 1, exposed_until: 2 }
    }

    struct Scene {
        _dir: tempfile::TempDir,
        anchor: Anchor,
    }

    fn made() -> Scene {
        let dir = tempfile::tempdir().unwrap();
        let anchor = Anchor::new(dir.path().join("anchor"));
        anchor.make(&keys(1), &mark(1), &[revoked(1)], &mut SystemRng).unwrap();
        Scene { _dir: dir, anchor }
    }

    fn advance(anchor: &Anchor, generation: u64, entries: &[Entry]) {
        let mut held = anchor.hold().unwrap();
        let before = held.read(&keys(1)).unwrap();
        let after = held.append(&keys(1), &before, entries, &mut SystemRng).unwrap();
        held.write(&keys(1), &Mark { generation, ..after }, &mut SystemRng).unwrap();
    }

    #[test]
    fn what_was_written_last_is_read_with_every_entry_that_counts() {
        let Scene { anchor, .. } = &made();
        for generation in 2..20 {
            advance(anchor, generation, &[revoked(generation)]);
            assert_eq!(anchor.read(&keys(1)).unwrap().generation, generation);
        }
        let mut held = anchor.hold().unwrap();
        let newest = held.read(&keys(1)).unwrap();
        let expected: Vec<_> = (1..20).map(revoked).collect();
        assert_eq!(held.journal(&keys(1), &newest).unwrap(), expected);
    }

    #[test]
    fn an_entry_whose_commit_never_came_does_not_count_and_is_written_over() {
        let Scene { anchor, .. } = &made();
        let mut held = anchor.hold().unwrap();
        let before = held.read(&keys(1)).unwrap();
        let entries = [revoked(8), revoked(9)];
        held.append(&keys(1), &before, &entries, &mut SystemRng).unwrap();
        assert_eq!(held.journal(&keys(1), &before).unwrap(), [revoked(1)]);
        drop(held);
        advance(anchor, 2, &[revoked(2)]);
        let mut held = anchor.hold().unwrap();
        let newest = held.read(&keys(1)).unwrap();
        assert_eq!(held.journal(&keys(1), &newest).unwrap(), [revoked(1), revoked(2)]);
    }

    #[test]
    fn a_torn_slot_leaves_the_one_before() {
        let Scene { anchor, .. } = &made();
        advance(anchor, 2, &[]);
        let whole = fs::read(anchor.path()).unwrap();
        advance(anchor, 3, &[]);
        let after = fs::read(anchor.path()).unwrap();
        let slot =
            (0..2).map(|slot| slot * 4_096).find(|at| whole[*at..at + 140] != after[*at..at + 140]);
        let slot = slot.unwrap();
        for torn in 1..SEALED_MARK {
            let mut bytes = whole.clone();
            bytes[slot..slot + torn].copy_from_slice(&after[slot..slot + torn]);
            fs::write(anchor.path(), &bytes).unwrap();
            let read = anchor.read(&keys(1)).unwrap().generation;
            assert!((2..=3).contains(&read), "torn after {torn} bytes: {read}");
        }
    }

    #[test]
    fn one_that_is_gone_changed_or_anothers_is_told_apart() {
        let Scene { anchor, .. } = &made();
        assert!(matches!(anchor.read(&keys(2)), Err(Lost::Damaged(_))));
        let whole = fs::read(anchor.path()).unwrap();
        let newest = anchor.read(&keys(1)).unwrap();
        for at in (0..SEALED_MARK).chain(8_192..whole.len()) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(anchor.path(), &changed).unwrap();
            let mut held = anchor.hold().unwrap();
            let read = held.read(&keys(1)).and_then(|mark| held.journal(&keys(1), &mark));
            assert!(matches!(read, Err(Lost::Damaged(_))), "byte {at}");
        }
        fs::write(anchor.path(), &whole[..whole.len() - 1]).unwrap();
        let cut = anchor.hold().unwrap().journal(&keys(1), &newest);
        assert!(matches!(cut, Err(Lost::Damaged(_))));
        fs::remove_file(anchor.path()).unwrap();
        assert_eq!(anchor.read(&keys(1)), Err(Lost::Missing));
    }
}
