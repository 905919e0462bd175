//! The master key in shares: any so many of them give it back, fewer tell nothing of it (Shamir, 1979).
//!
//! A share is a line of text: which store and which splitting it is of, how many are needed, its
//! number, 32 bytes, and a checksum, so that a slip of the pen is told from a share that does not fit.

use std::convert::Infallible;
use std::path::Path;

use keytide_jose::digest::sha256;
use keytide_jose::{Rng, Secret};
use keytide_ring::{Action, Actor, Event, StoreError};
use rand_core::{TryCryptoRng, TryRng};
use rusqlite::Connection;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

use crate::error::Fault;
use crate::files::{self, MASTER_KEY_FILE};
use crate::{MasterKey, OpenError, SqliteStore, head, hex};

/// One share of a master key: a secret, wiped on drop, never shown but as a line that is asked for.
pub struct Share {
    set: Set,
    number: u8,
    bytes: Zeroizing<Vec<u8>>,
}

/// What shares that belong together have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    store: [u8; 16],
    /// Random: shares of two splittings do not fit each other.
    splitting: [u8; 4],
    threshold: u8,
}

impl Share {
    /// Reads a share as it was written. Space around it is ignored.
    ///
    /// # Errors
    /// `share_unusable`; the message holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        let unusable = |why| OpenError::ShareUnusable { why };
        let digits = text.trim().strip_prefix(PREFIX);
        let digits = digits.ok_or_else(|| unusable("it does not begin as a share does"))?;
        let bytes = hex::decode(digits).map(Zeroizing::new);
        let bytes = bytes.ok_or_else(|| unusable("it has a character that belongs to no share"))?;
        let Some((content, checksum)) = bytes.split_last_chunk::<4>() else {
            return Err(unusable("it is too short"));
        };
        if sha256(content)[..4] != checksum[..] {
            return Err(unusable("its checksum does not fit: a character of it is wrong"));
        }
        let wrong_length = || unusable("it has the wrong length");
        let (store, rest) = content.split_first_chunk::<16>().ok_or_else(wrong_length)?;
        let (splitting, rest) = rest.split_first_chunk::<4>().ok_or_else(wrong_length)?;
        let ([threshold, number], key) = rest.split_first_chunk().ok_or_else(wrong_length)?;
        if key.len() != 32 {
            return Err(wrong_length());
        }
        let set = Set { store: *store, splitting: *splitting, threshold: *threshold };
        Ok(Self { set, number: *number, bytes: Zeroizing::new(key.to_vec()) })
    }

    /// The share as a line of text, without the line's end.
    pub fn to_line(&self) -> Secret {
        let Self { set: Set { store, splitting, threshold }, number, bytes } = self;
        let mut content = Zeroizing::new(Vec::with_capacity(64));
        content.extend(store);
        content.extend(splitting);
        content.extend([*threshold, *number]);
        content.extend(bytes.iter());
        let checksum = sha256(&content);
        content.extend(&checksum[..4]);
        let mut line = Vec::with_capacity(PREFIX.len() + 2 * content.len());
        line.extend(PREFIX.as_bytes());
        line.extend(Zeroizing::new(hex::encode(&content)).as_bytes());
        Secret::new(line)
    }

    /// Its number, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// How many shares are needed.
    pub fn threshold(&self) -> u8 {
        self.set.threshold
    }
}

impl MasterKey {
    /// The master key that these shares give. Whether it is a store's own shows when that is opened.
    ///
    /// # Errors
    /// `shares_wrong` when there are too few, or they do not belong together; it is not told which.
    pub fn from_shares(shares: &[Share]) -> Result<Self, OpenError> {
        let first = shares.first().ok_or(OpenError::SharesWrong)?;
        let needed = usize::from(first.set.threshold);
        let mut chosen: Vec<&Share> = Vec::new();
        for share in shares {
            if share.set != first.set {
                return Err(OpenError::SharesWrong);
            }
            if chosen.len() < needed && chosen.iter().all(|other| other.number != share.number) {
                chosen.push(share);
            }
        }
        if chosen.len() < needed {
            return Err(OpenError::SharesWrong);
        }
        let points: Zeroizing<Vec<Vec<u8>>> = Zeroizing::new(
            chosen.iter().map(|share| [&[share.number][..], &share.bytes].concat()).collect(),
        );
        let key = Gf256::combine_bytes(&*points).map(Zeroizing::new);
        let key = key.map_err(|_| OpenError::SharesWrong)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if key.len() != bytes.len() {
            return Err(OpenError::SharesWrong);
        }
        bytes.copy_from_slice(&key);
        Ok(Self::from_bytes(*bytes))
    }

    /// Splits it: any `threshold` of the `count` shares give it back.
    fn split(
        &self,
        store: [u8; 16],
        count: u8,
        threshold: u8,
        rng: &mut dyn Rng,
    ) -> Result<Vec<Share>, OpenError> {
        if threshold < 2 || threshold > count {
            return Err(OpenError::SharesImpossible { count, threshold });
        }
        let mut splitting = [0; 4];
        rng.fill(&mut splitting).map_err(Fault::from)?;
        let mut source = Source { rng, failed: None };
        let (count, needed) = (usize::from(count), usize::from(threshold));
        let points = Gf256::split_bytes(needed, count, self.expose(), &mut source);
        if let Some(error) = source.failed {
            return Err(Fault::from(error).into());
        }
        let failed = || Fault::from(keytide_jose::Error::Backend("splitting the master key"));
        let points = points.map(Zeroizing::new).map_err(|_| failed())?;
        let set = Set { store, splitting, threshold };
        let share = |point: &Vec<u8>| {
            let (number, bytes) = point.split_first()?;
            Some(Share { set, number: *number, bytes: Zeroizing::new(bytes.to_vec()) })
        };
        let shares: Option<Vec<_>> = points.iter().map(share).collect();
        Ok(shares.ok_or_else(failed)?)
    }
}

impl SqliteStore {
    /// Splits the master key beside the store into shares, hands them over, and removes its file.
    ///
    /// The file stays unless the shares, read back from their lines, give it, and `hand_over`
    /// succeeded.
    ///
    /// # Errors
    /// `shares_impossible`, `master_key_missing`, what `hand_over` says, or a failure of the store.
    pub fn seal_master_key<E: From<OpenError>>(
        &self,
        dir: &Path,
        count: u8,
        threshold: u8,
        actor: &Actor,
        hand_over: impl FnOnce(&[Share]) -> Result<(), E>,
    ) -> Result<(), E> {
        let _one_at_a_time = files::lock(dir)?;
        self.finish_rekey(dir)?;
        let path = dir.join(MASTER_KEY_FILE);
        let master = MasterKey::from_own_file(&path)?;
        let store = self.keys.store_id().try_into().unwrap_or_default();
        let shares = master.split(store, count, threshold, (self.rng)().as_mut())?;
        check(&shares, &master)?;
        hand_over(&shares)?;
        let told = format!("{threshold} of {count}");
        self.write(|change| {
            head::put_meta(change.connection, SHARES, told.as_bytes())?;
            let event = Event::done(actor.clone(), Action::StoreSeal);
            change.append(&event.detail("shares", count).detail("threshold", threshold))
        })
        .map_err(OpenError::from)?;
        files::wipe(&path)?;
        Ok(())
    }

    /// Puts a master key that shares gave back beside the store.
    ///
    /// # Errors
    /// A failure of the store or of the disk.
    pub fn unseal_master_key(
        &self,
        dir: &Path,
        master: &MasterKey,
        actor: &Actor,
    ) -> Result<(), OpenError> {
        let _one_at_a_time = files::lock(dir)?;
        files::replace_whole(&dir.join(MASTER_KEY_FILE), &master.to_line())?;
        self.write(|change| {
            forget(change.connection)?;
            change.append(&Event::done(actor.clone(), Action::StoreUnseal))
        })?;
        Ok(())
    }
}

/// How many shares a store needs whose master key was split; none where it was not.
pub(crate) fn needed(connection: &Connection) -> Option<String> {
    let told = head::meta(connection, SHARES).ok().flatten()?;
    String::from_utf8(told).ok()
}

/// The shares of before are of no use any more.
pub(crate) fn forget(connection: &Connection) -> Result<(), Fault> {
    head::remove_meta(connection, SHARES)
}

/// That every share is of use: each stands in one of the sets that are tried.
fn check(shares: &[Share], master: &MasterKey) -> Result<(), OpenError> {
    let read = |share: &Share| {
        let line = share.to_line();
        Share::parse(std::str::from_utf8(line.expose()).unwrap_or_default())
    };
    for start in 0..shares.len() {
        let turned = shares[start..].iter().chain(&shares[..start]);
        let read: Vec<_> = turned.map(read).collect::<Result<_, _>>()?;
        if MasterKey::from_shares(&read)?.expose() != master.expose() {
            return Err(OpenError::Ring(StoreError::WrongMasterKey.into()));
        }
    }
    Ok(())
}

/// The project's source of randomness as the library takes one. A failure is kept, and what was made
/// of it thrown away.
struct Source<'a> {
    rng: &'a mut dyn Rng,
    failed: Option<keytide_jose::Error>,
}

impl TryRng for Source<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        if let Err(error) = self.rng.fill(into) {
            // A rejection loop must come to its end all the same.
            into.fill(1);
            self.failed = Some(error);
        }
        Ok(())
    }
}

impl TryCryptoRng for Source<'_> {}

const PREFIX: &str = "ktshare1-";
/// In the clear, and believed by nobody: it only tells what to ask for.
const SHARES: &str = "shares";

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    fn master() -> MasterKey {
        MasterKey::from_bytes(std::array::from_fn(|at| at as u8))
    }

    fn split(count: u8, threshold: u8) -> Vec<Share> {
        master().split([9; 16], count, threshold, &mut SystemRng).unwrap()
    }

    fn picked(shares: &[Share], numbers: &[usize]) -> Vec<Share> {
        let line = |at: &usize| shares[*at].to_line();
        let read =
            |line: Secret| Share::parse(std::str::from_utf8(line.expose()).unwrap()).unwrap();
        numbers.iter().map(line).map(read).collect()
    }

    #[test]
    fn any_so_many_shares_give_the_key_back_and_fewer_do_not() {
        for (count, threshold) in [(2, 2), (5, 3), (7, 5), (255, 2)] {
            let shares = split(count, threshold);
            let all: Vec<usize> = (0..usize::from(count)).collect();
            for numbers in all.windows(usize::from(threshold)) {
                let key = MasterKey::from_shares(&picked(&shares, numbers)).unwrap();
                assert_eq!(key.expose(), master().expose());
                let fewer = MasterKey::from_shares(&picked(&shares, &numbers[1..]));
                assert!(fewer.is_err_and(|error| error.code() == "shares_wrong"));
            }
            let twice = picked(&shares, &vec![0; usize::from(threshold)]);
            assert!(MasterKey::from_shares(&twice).is_err());
        }
        assert!(master().split([9; 16], 3, 4, &mut SystemRng).is_err());
        assert!(master().split([9; 16], 3, 1, &mut SystemRng).is_err());
    }

    #[test]
    fn shares_of_two_splittings_do_not_mix() {
        let (one, other) = (split(3, 2), split(3, 2));
        let mixed: Vec<_> = picked(&one, &[0]).into_iter().chain(picked(&other, &[1])).collect();
        assert_eq!(MasterKey::from_shares(&mixed).err().unwrap().code(), "shares_wrong");
        assert_eq!(MasterKey::from_shares(&[]).err().unwrap().code(), "shares_wrong");
    }

    #[test]
    fn a_slip_of_the_pen_is_told_and_the_share_is_not() {
        let line = split(3, 2)[0].to_line();
        let line = std::str::from_utf8(line.expose()).unwrap();
        for at in 0..line.len() {
            let mut slip = line.to_owned().into_bytes();
            slip[at] = if slip[at] == b'0' { b'1' } else { b'0' };
            let error = Share::parse(std::str::from_utf8(&slip).unwrap()).err().unwrap();
            assert_eq!(error.code(), "share_unusable", "{at}");
            assert!(!format!("{error:?} {error}").contains(&line[12..20]));
        }
        for bad in ["", "ktshare1-", "ktshare1-00", &line[..line.len() - 2]] {
            assert!(Share::parse(bad).is_err(), "{bad}");
        }
        assert!(Share::parse(&format!(" {line}\n")).is_ok());
    }

    #[test]
    fn fewer_shares_than_needed_fit_every_key() {
        // Over many splittings one byte of one share takes every value: it tells nothing.
        let seen: std::collections::BTreeSet<u8> =
            (0..4_000).map(|_| split(2, 2)[0].bytes[0]).collect();
        assert_eq!(seen.len(), 256);
    }
}
