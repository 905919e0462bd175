//! How a program gets its variables: in its environment, as files in memory, or as open files.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use keytide_jose::{KeyId, SystemRng};
use rustix::fs::{
    FlockOperation, MemfdFlags, SealFlags, fcntl_add_seals, flock, memfd_create, statfs,
};
use rustix::process::getuid;

use super::guard::Guard;
use super::variables::Variable;
use crate::config::Config;
use crate::error::{self, Failure};
use crate::new_file;
use crate::output::Output;

/// By which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// In the environment, as NAME
    Env,
    /// As files in memory that only the user can read; NAME_FILE names each
    File,
    /// As open files in memory that have no name anywhere; NAME_FILE is /dev/fd/N
    Fd,
    /// In the environment and as files
    Both,
}

impl Way {
    /// Whether a program that runs already can be given others.
    pub(super) fn can_be_renewed(self) -> bool {
        matches!(self, Self::File | Self::Both)
    }
}

/// What a program is started with. The open files must stay until it was started.
pub(super) struct Handed {
    pub(super) environment: Vec<(String, OsString)>,
    /// Held only.
    _open: Vec<OwnedFd>,
}

/// Hands values on in one way.
pub(super) struct Outlet {
    way: Way,
    folder: Option<Folder>,
}

impl Outlet {
    /// Prepares the way: for files, a folder of this process in memory.
    pub(super) fn new(
        way: Way,
        place: Option<&Path>,
        guard: &mut Guard,
        config: &Config,
        output: &Output,
    ) -> Result<Self, Failure> {
        let folder = match way {
            Way::File | Way::Both => Some(Folder::make(place, guard, config, output)?),
            Way::Env | Way::Fd => None,
        };
        Ok(Self { way, folder })
    }

    /// Gives what a new program is to be started with.
    pub(super) fn hand(&self, values: &[Variable]) -> Result<Handed, Failure> {
        self.renew(values)?;
        let (mut environment, mut open) = (Vec::new(), Vec::new());
        for Variable { name, value } in values {
            if matches!(self.way, Way::Env | Way::Both) {
                let value = OsString::from_vec(value.expose().to_vec());
                environment.push((name.clone(), value));
            }
            if let Some(folder) = &self.folder {
                environment.push((format!("{name}_FILE"), folder.path.join(name).into()));
            }
            if self.way == Way::Fd {
                let file = in_memory(value.expose()).map_err(|why| {
                    Failure::new(error::UNEXPECTED, format!("no file in memory can be made: {why}"))
                })?;
                let path = format!("/dev/fd/{}", file.as_raw_fd());
                environment.push((format!("{name}_FILE"), path.into()));
                open.push(file);
            }
        }
        Ok(Handed { environment, _open: open })
    }

    /// Writes the files anew for a program that runs: each is replaced at once and whole.
    pub(super) fn renew(&self, values: &[Variable]) -> Result<(), Failure> {
        self.folder.as_ref().map_or(Ok(()), |folder| folder.fill(values))
    }
}

/// A sealed file without a name, inherited under its number.
fn in_memory(bytes: &[u8]) -> std::io::Result<OwnedFd> {
    // It is inherited because it is not closed on exec; only the main thread starts programs, and the
    // file is closed here before it starts another.
    let file = memfd_create("keytide", MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(file);
    file.write_all(bytes)?;
    let file = OwnedFd::from(file);
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    fcntl_add_seals(&file, seals)?;
    Ok(file)
}

/// A folder in memory, of this process alone, that goes with it.
struct Folder {
    path: PathBuf,
    /// Locked as long as this process lives, by which others know that the folder is in use.
    _lock: File,
}

const PREFIX: &str = "keytide-run-";
const LOCK: &str = ".lock";

impl Folder {
    fn make(
        place: Option<&Path>,
        guard: &mut Guard,
        config: &Config,
        output: &Output,
    ) -> Result<Self, Failure> {
        let unwritable = |path: &Path, why: &std::io::Error| {
            let message = format!("{} cannot be written: {why}", path.display());
            Failure::new(error::FILE_UNWRITABLE, message)
        };
        let place = match place {
            Some(place) => {
                if !is_in_memory(place) {
                    let place = place.display();
                    output
                        .warn(format_args!("{place} is not in memory: secrets will be on a disk"));
                }
                place.to_owned()
            }
            None => usual_place(config).ok_or_else(|| {
                let message = "there is no folder in memory to put the files into";
                Failure::new(error::NO_TMPFS, message)
            })?,
        };
        // Neither the guard nor every program stays in this process's folder.
        let place = std::path::absolute(&place).map_err(|why| unwritable(&place, &why))?;
        sweep(&place);
        let chance = KeyId::random(&mut SystemRng)?;
        let path = place.join(format!("{PREFIX}{}", chance.as_str()));
        // Named before it is made: whatever happens in between, nothing stays.
        guard.folder(&path)?;
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(|why| unwritable(&path, &why))?;
        let lock = path.join(LOCK);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&lock);
        let made = made.and_then(|file| {
            Ok(flock(&file, FlockOperation::NonBlockingLockExclusive).map(|()| file)?)
        });
        let lock = made.map_err(|why| unwritable(&lock, &why))?;
        Ok(Self { path, _lock: lock })
    }

    fn fill(&self, values: &[Variable]) -> Result<(), Failure> {
        for Variable { name, value } in values {
            new_file::write(&self.path.join(name), value.expose(), true)?;
        }
        // A key that left the set leaves the folder.
        let there = fs::read_dir(&self.path).map(|entries| entries.flatten().collect::<Vec<_>>());
        for entry in there.unwrap_or_default() {
            let name = entry.file_name();
            let wanted = values.iter().any(|value| name == value.name.as_str());
            if !wanted && name != LOCK {
                let _it_goes_with_the_folder = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, the guard does it.
        remove(&self.path);
    }
}

/// Removes what a supervisor left that was killed together with its guard.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if !is_ours(&path) {
            continue;
        }
        // Without a lock file it is being made at this moment.
        if let Ok(lock) = File::open(path.join(LOCK))
            && flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            remove(&path);
        }
    }
}

/// Removes a folder of a supervisor, and nothing else that may stand at this path.
pub(super) fn remove(path: &Path) {
    if is_ours(path) {
        // It may be removed already.
        let _best_effort = fs::remove_dir_all(path);
    }
}

/// Whether a supervisor of this user made it: a folder by its name, not what a link points to.
fn is_ours(path: &Path) -> bool {
    let is_named =
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    is_named
        && path.is_absolute()
        && fs::symlink_metadata(path)
            .is_ok_and(|facts| facts.is_dir() && facts.uid() == getuid().as_raw())
}

fn usual_place(config: &Config) -> Option<PathBuf> {
    let own = PathBuf::from(format!("/run/user/{}", getuid().as_raw()));
    let places = config.runtime_folder.iter().cloned().chain([own, PathBuf::from("/dev/shm")]);
    places.into_iter().find(|place| is_in_memory(place) && is_writable(place))
}

fn is_writable(place: &Path) -> bool {
    rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Whether nothing that is written there reaches a disk, but for swap.
fn is_in_memory(place: &Path) -> bool {
    /// From linux/magic.h.
    const TMPFS_MAGIC: u64 = 0x0102_1994;
    const RAMFS_MAGIC: u64 = 0x8584_58f6;
    statfs(place).is_ok_and(|facts| {
        u64::try_from(facts.f_type).is_ok_and(|kind| kind == TMPFS_MAGIC || kind == RAMFS_MAGIC)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use keytide_jose::Secret;

    use super::*;

    fn folder(place: &Path) -> Folder {
        let path = place.join(format!("{PREFIX}one"));
        fs::create_dir(&path).unwrap();
        let lock = File::create_new(path.join(LOCK)).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        Folder { path, _lock: lock }
    }

    fn variable(name: &str, value: &str) -> Variable {
        Variable { name: name.to_owned(), value: Secret::new(value.into()) }
    }

    #[test]
    fn a_file_is_for_its_owner_alone_and_leaves_with_its_value() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(place.path());
        folder.fill(&[variable("A", "one"), variable("B", "two")]).unwrap();
        folder.fill(&[variable("A", "three")]).unwrap();
        let file = folder.path.join("A");
        assert_eq!(fs::read_to_string(&file).unwrap(), "three");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder.path).unwrap().count(), 2);
        drop(folder);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_the_dead_left_is_swept_and_what_the_living_use_is_not() {
        let place = tempfile::tempdir().unwrap();
        let used = folder(place.path());
        let left = place.path().join(format!("{PREFIX}two"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("JWT_SECRET"), "left").unwrap();
        fs::write(place.path().join("foreign"), "").unwrap();
        sweep(place.path());
        assert!(used.path.exists() && !left.exists() && place.path().join("foreign").exists());
    }

    #[test]
    fn only_a_folder_of_a_supervisor_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let foreign = place.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("data"), "x").unwrap();
        let link = place.path().join(format!("{PREFIX}link"));
        std::os::unix::fs::symlink(&foreign, &link).unwrap();
        let file = place.path().join(format!("{PREFIX}file"));
        fs::write(&file, "x").unwrap();
        for path in [&foreign, &link, &file] {
            remove(path);
            assert!(path.exists(), "{}", path.display());
        }
        assert!(foreign.join("data").exists());
        let own = place.path().join(format!("{PREFIX}own"));
        fs::create_dir(&own).unwrap();
        fs::write(own.join("JWT_SECRET"), "x").unwrap();
        remove(&own);
        assert!(!own.exists());
    }
}
