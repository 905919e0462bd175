//! The sealed copy of a ring's keys on this machine: kept while the server answers, opened when it does not.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keytide_client::SealedCopy;
use keytide_jose::Secret;
use rustix::fs::OFlags;

use crate::encoding::hex;
use crate::error::Failure;
use crate::new_file;

/// Where a ring's copy is, and what seals it.
pub(super) struct Copy {
    sealed: SealedCopy,
    path: PathBuf,
}

/// A copy as it was found.
pub(super) struct Kept {
    pub(super) keys: Secret,
    /// How long ago these were known to be the ring's keys.
    pub(super) age: Duration,
}

/// Why there is no copy to start with.
#[derive(Debug)]
pub(super) enum NoCopy {
    /// None was kept.
    Missing,
    /// What stands in its place cannot be read.
    Unreadable(PathBuf, io::Error),
    /// It was sealed with another token or for another ring, or it was changed.
    Foreign(PathBuf),
    /// Its date is yet to come.
    Ahead(PathBuf),
}

impl fmt::Display for NoCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "no copy is kept"),
            Self::Unreadable(path, why) => {
                write!(f, "the sealed copy {} cannot be read: {why}", path.display())
            }
            Self::Foreign(path) => write!(
                f,
                "the sealed copy {} was not sealed for this ring with this access token, or was changed",
                path.display()
            ),
            Self::Ahead(path) => write!(
                f,
                "the sealed copy {} is dated later than this machine's clock",
                path.display()
            ),
        }
    }
}

/// What a clock may have been set back by between two starts; a copy from further ahead is not trusted.
const CLOCK_ERROR: Duration = Duration::from_secs(300);

impl Copy {
    /// The copy of the ring at this URL, in a folder that is made if there is none. `None` where the access
    /// token is too short to seal anything with.
    pub(super) fn new(folder: &Path, url: &str, token: &Secret) -> Option<Self> {
        let sealed = SealedCopy::new(token, url).ok()?;
        // Of the URL, so that two rings have two files; it need not be secret.
        let mut name = hex(url.as_bytes());
        if name.len() > LONGEST_NAME {
            name = name.split_off(name.len() - LONGEST_NAME);
        }
        Some(Self { sealed, path: folder.join(format!("{name}.sealed")) })
    }

    /// Keeps what is known to be the ring's keys now.
    pub(super) fn keep(&self, keys: &Secret, now: Duration) -> Result<(), Failure> {
        let sealed = self.sealed.seal(keys, now)?;
        if let Some(folder) = self.path.parent()
            && !folder.is_dir()
        {
            new_file::folder(folder)?;
        }
        new_file::write(&self.path, &sealed, true)
    }

    /// What is kept, if it is this ring's and was sealed with this token.
    pub(super) fn open(&self, now: Duration) -> Result<Kept, NoCopy> {
        let path = || self.path.clone();
        let sealed = self.read().map_err(|why| match why.kind() {
            ErrorKind::NotFound => NoCopy::Missing,
            _ => NoCopy::Unreadable(path(), why),
        })?;
        let opened = self.sealed.open(&sealed);
        let (keys, known_at) = opened.ok_or_else(|| NoCopy::Foreign(path()))?;
        if known_at > now + CLOCK_ERROR {
            return Err(NoCopy::Ahead(path()));
        }
        Ok(Kept { keys, age: now.saturating_sub(known_at) })
    }

    /// Waits for nobody: a pipe in the copy's place would have a writer that never comes.
    fn read(&self) -> io::Result<Vec<u8>> {
        let at_once = OFlags::NONBLOCK.bits().cast_signed();
        let mut file = OpenOptions::new().read(true).custom_flags(at_once).open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut sealed = Vec::new();
        file.read_to_end(&mut sealed)?;
        Ok(sealed)
    }

    /// The server took the ring or the token away: the copy must not outlive that.
    pub(super) fn forget(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::unreadable(&self.path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// Far below what file systems take, in hex digits of the end of a URL.
const LONGEST_NAME: usize = 200;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const URL: &str = "https://keys.example/rings/a.test";
    const NOW: Duration = Duration::from_secs(1_795_320_930);

    fn copy(folder: &Path, token: &str) -> Copy {
        Copy::new(folder, URL, &Secret::new(token.into())).unwrap()
    }

    #[test]
    fn a_copy_is_private_dated_and_only_for_its_token() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("copies");
        let token = "a-token-of-the-tests-0123456789-abcdef";
        let own = copy(&folder, token);
        assert!(matches!(own.open(NOW), Err(NoCopy::Missing)));
        own.keep(&Secret::new(b"keys".to_vec()), NOW).unwrap();
        let kept = own.open(NOW + Duration::from_secs(600)).unwrap();
        assert_eq!((kept.keys.expose(), kept.age), (&b"keys"[..], Duration::from_secs(600)));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&own.path)), (0o700, 0o600));
        let other = copy(&folder, "another-token-of-the-tests-0123456789");
        assert!(matches!(other.open(NOW), Err(NoCopy::Foreign(_))));
        own.forget().unwrap();
        own.forget().unwrap();
        assert!(matches!(own.open(NOW), Err(NoCopy::Missing)));
    }

    #[test]
    fn a_copy_from_the_future_is_not_trusted() {
        let place = tempfile::tempdir().unwrap();
        let own = copy(place.path(), "a-token-of-the-tests-0123456789-abcdef");
        own.keep(&Secret::new(b"keys".to_vec()), NOW).unwrap();
        assert!(own.open(NOW - Duration::from_secs(60)).is_ok());
        let early = own.open(NOW - Duration::from_secs(3_600));
        assert!(matches!(early, Err(NoCopy::Ahead(_))));
    }

    #[test]
    fn what_was_changed_or_is_no_file_is_told_as_that_and_waited_for_by_nobody() {
        let place = tempfile::tempdir().unwrap();
        let own = copy(place.path(), "a-token-of-the-tests-0123456789-abcdef");
        own.keep(&Secret::new(b"keys".to_vec()), NOW).unwrap();
        let mut sealed = fs::read(&own.path).unwrap();
        *sealed.last_mut().unwrap() ^= 1;
        fs::write(&own.path, sealed).unwrap();
        assert!(matches!(own.open(NOW), Err(NoCopy::Foreign(_))));
        own.forget().unwrap();
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
        rustix::fs::mknodat(rustix::fs::CWD, &own.path, kind, mode, 0).unwrap();
        assert!(matches!(own.open(NOW), Err(NoCopy::Unreadable(_, _))));
        own.forget().unwrap();
        fs::create_dir(&own.path).unwrap();
        assert!(matches!(own.open(NOW), Err(NoCopy::Unreadable(_, _))));
    }

    #[test]
    fn a_token_that_could_be_guessed_seals_nothing() {
        assert!(Copy::new(Path::new("/"), URL, &Secret::new(b"short".to_vec())).is_none());
    }
}
