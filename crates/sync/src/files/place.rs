//! One name in one folder: read without following a link, and replaced at once and whole.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keytide_jose::{Secret, digest};
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::Error;

/// No copy comes near it; a log file that was named by mistake does.
const LARGEST: u64 = 4 << 20;
/// What the group of a file that is there may go on doing. The world may nothing.
const KEPT_MODE: u32 = 0o770;

/// How often a folder is tried that another writer holds, and how long it is left in between.
const TURNS: u32 = 200;
const TURN: Duration = Duration::from_millis(10);

/// A name, and the open folder that it is looked up in.
pub(super) struct Place {
    path: PathBuf,
    folder: File,
    name: String,
}

/// A place that no other writer of ours touches until this is dropped.
pub(super) struct Locked<'a>(&'a Place);

/// Whose a file is and what they may, so that another in its place is the same.
#[derive(Clone, Copy)]
pub(super) struct Ownership {
    user: u32,
    group: u32,
    mode: u32,
}

/// A regular file that was read.
pub(super) struct Found {
    pub(super) bytes: Secret,
    pub(super) ownership: Ownership,
}

/// A folder of regular files that was read.
pub(super) struct FoundFolder {
    pub(super) files: Vec<(String, Found)>,
    pub(super) ownership: Ownership,
}

impl Place {
    /// Opens the folder in which `path` is.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let bad = || Error::BadTarget {
            why: format!("`{}` is no absolute path of a file", path.display()),
        };
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(bad)?.to_owned();
        let above = path.parent().filter(|_| path.is_absolute()).ok_or_else(bad)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(CWD, above, flags, Mode::empty())
            .map_err(|errno| failed(path, "its folder cannot be opened", errno.into()))?;
        Ok(Self { path: path.to_owned(), folder: File::from(folder), name })
    }

    /// Keeps other writers out. Those of other files in the folder take turns, each within milliseconds;
    /// one that is not done by then is not waited for.
    pub(super) fn lock(&self) -> Result<Locked<'_>, Error> {
        let held = |why: String| Error::Unreachable {
            place: self.path.display().to_string(),
            why: format!("another program holds its folder: {why}"),
        };
        for _ in 0..TURNS {
            match self.folder.try_lock() {
                Ok(()) => return Ok(Locked(self)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(TURN),
                Err(TryLockError::Error(error)) => return Err(held(error.to_string())),
            }
        }
        Err(held("it does not let go of it".to_owned()))
    }

    /// The file, or `None` where there is nothing.
    pub(super) fn read(&self) -> Result<Option<Found>, Error> {
        match open_at(&self.folder, &self.name) {
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.failed("it cannot be opened", errno)),
            Ok(file) => self.take(&self.name, file.into()).map(Some),
        }
    }

    /// The files of a folder, in the order of their names, or `None` where there is nothing.
    pub(super) fn read_folder(&self) -> Result<Option<FoundFolder>, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let inner = match rustix::fs::openat(&self.folder, &self.name, flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(self.failed("it cannot be opened as a folder", errno)),
            Ok(inner) => File::from(inner),
        };
        let mut files = Vec::new();
        for name in self.names(&inner)? {
            let file = open_at(&inner, &name)
                .map_err(|errno| self.failed(&format!("`{name}` cannot be opened"), errno))?;
            let found = self.take(&name, file.into())?;
            files.push((name, found));
        }
        let ownership =
            Ownership::of(&inner).map_err(|error| self.io("it cannot be read", error))?;
        Ok(Some(FoundFolder { files, ownership }))
    }

    fn names(&self, inner: &File) -> Result<Vec<String>, Error> {
        let listed = |errno| self.failed("it cannot be listed", errno);
        let mut names = Vec::new();
        for entry in Dir::read_from(inner).map_err(listed)? {
            let name = entry.map_err(listed)?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn take(&self, name: &str, mut file: File) -> Result<Found, Error> {
        let cannot = |error| self.io("it cannot be read", error);
        let metadata = file.metadata().map_err(cannot)?;
        let refused = |why: String| Error::Refused { place: self.path.display().to_string(), why };
        if !metadata.is_file() {
            return Err(refused(format!("`{name}` is no regular file")));
        }
        if metadata.len() > LARGEST {
            return Err(refused(format!("`{name}` is longer than {LARGEST} bytes")));
        }
        // With room for all of it, a secret is not left behind when the buffer grows.
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        Read::by_ref(&mut file).take(LARGEST).read_to_end(&mut bytes).map_err(cannot)?;
        Ok(Found { bytes: Secret::new(bytes), ownership: Ownership::of(&file).map_err(cannot)? })
    }

    fn failed(&self, what: &str, errno: Errno) -> Error {
        self.io(what, errno.into())
    }

    fn io(&self, what: &str, error: std::io::Error) -> Error {
        failed(&self.path, what, error)
    }

    /// The name under which a successor is made. Only the holder of the lock uses it, and nobody else has
    /// a file of that name: what is there was left by a writer that died.
    fn beside(&self) -> String {
        let digest = digest::sha256(self.name.as_bytes());
        let half = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        format!(".keytide-{half}")
    }
}

impl Locked<'_> {
    /// Puts a file there, over one that is there, whose owner and mode it gets.
    pub(super) fn replace(&self, bytes: &[u8], like: Option<Ownership>) -> Result<(), Error> {
        let Self(place) = self;
        let beside = place.beside();
        self.clear()?;
        let cannot = |error| place.io("it cannot be written", error);
        create(&place.folder, &beside, bytes, like)
            .and_then(|()| {
                Ok(rustix::fs::renameat(&place.folder, &beside, &place.folder, &place.name)?)
            })
            .and_then(|()| place.folder.sync_all())
            .inspect_err(|_| drop(self.clear()))
            .map_err(cannot)
    }

    /// Puts a folder of files there, over one that is there.
    pub(super) fn replace_folder(
        &self,
        files: &[(&str, &[u8])],
        like: Option<&FoundFolder>,
    ) -> Result<(), Error> {
        let Self(place) = self;
        let beside = place.beside();
        self.clear()?;
        let made = || -> std::io::Result<()> {
            rustix::fs::mkdirat(&place.folder, &beside, Mode::RWXU)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let inner =
                File::from(rustix::fs::openat(&place.folder, &beside, flags, Mode::empty())?);
            for (name, bytes) in files {
                let old = like.and_then(|old| {
                    let same = old.files.iter().find(|(known, _)| known == name);
                    same.or(old.files.first()).map(|(_, found)| found.ownership)
                });
                create(&inner, name, bytes, old)?;
            }
            if let Some(old) = like {
                old.ownership.give(&inner)?;
            }
            inner.sync_all()?;
            // The kernel swaps the two at once: whoever opens the folder opens the one or the other.
            let flags = if like.is_some() { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
            rustix::fs::renameat_with(&place.folder, &beside, &place.folder, &place.name, flags)?;
            place.folder.sync_all()
        };
        let made = made().map_err(|error| place.io("it cannot be written", error));
        let cleared = self.clear();
        made.and(cleared)
    }

    /// Takes the file away.
    pub(super) fn remove(&self) -> Result<(), Error> {
        let Self(place) = self;
        match rustix::fs::unlinkat(&place.folder, &place.name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {
                place.folder.sync_all().map_err(|error| place.io("it cannot be deleted", error))
            }
            Err(errno) => Err(place.failed("it cannot be deleted", errno)),
        }
    }

    /// Takes the folder away with its files.
    pub(super) fn remove_folder(&self) -> Result<(), Error> {
        let Self(place) = self;
        self.clear()?;
        match rustix::fs::renameat(&place.folder, &place.name, &place.folder, place.beside()) {
            Ok(()) => self.clear(),
            Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(place.failed("it cannot be deleted", errno)),
        }
    }

    /// Clears away what a writer that died, or the swap, left under the successor's name.
    fn clear(&self) -> Result<(), Error> {
        let Self(place) = self;
        let beside = place.beside();
        let failed = |errno| place.failed("what was there before cannot be cleared away", errno);
        match rustix::fs::unlinkat(&place.folder, &beside, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            // What it says of a folder differs between systems.
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(errno) => return Err(failed(errno)),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let inner =
            rustix::fs::openat(&place.folder, &beside, flags, Mode::empty()).map_err(failed)?;
        let inner = File::from(inner);
        for name in place.names(&inner)? {
            rustix::fs::unlinkat(&inner, &name, AtFlags::empty()).map_err(failed)?;
        }
        rustix::fs::unlinkat(&place.folder, &beside, AtFlags::REMOVEDIR).map_err(failed)
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Closing the folder would free it too.
        let _freed = self.0.folder.unlock();
    }
}

impl Ownership {
    fn of(file: &File) -> std::io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { user: metadata.uid(), group: metadata.gid(), mode: metadata.mode() & KEPT_MODE })
    }

    fn give(self, file: &File) -> std::io::Result<()> {
        let made = Self::of(file)?;
        if (made.user, made.group) != (self.user, self.group) {
            fchown(file, Some(self.user), Some(self.group))?;
        }
        file.set_permissions(std::fs::Permissions::from_mode(self.mode))
    }
}

fn open_at(folder: &File, name: &str) -> Result<OwnedFd, Errno> {
    // Without `NONBLOCK`, opening a pipe would wait for its other end.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty())
}

/// Makes a file, which must not be there in any form, whole and on the disk.
fn create(folder: &File, name: &str, bytes: &[u8], like: Option<Ownership>) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?);
    if let Some(like) = like {
        like.give(&file)?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(path: &Path, what: &str, error: std::io::Error) -> Error {
    let (place, why) = (path.display().to_string(), format!("{what}: {error}"));
    match Errno::from_io_error(&error) {
        Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Error::Denied { place, why },
        Some(Errno::LOOP | Errno::NOTDIR | Errno::NOENT | Errno::ISDIR) => {
            Error::Refused { place, why }
        }
        _ => Error::Unreachable { place, why },
    }
}
