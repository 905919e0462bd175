//! Writes a file that only its owner can read: never through a link, never over another file unasked.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::{self, Failure};

/// Writes `bytes` to `path` with mode 0600. With `force` what stands there is replaced at once and
/// whole; a link itself is replaced, not what it points to.
///
/// # Errors
/// `file_exists` without `force`; `file_unwritable`.
pub(crate) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        Failure::new(
            error::FILE_UNWRITABLE,
            format!("{} cannot be written: {error}", path.display()),
        )
    };
    if !force {
        return match create(path, bytes) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::new(
                error::FILE_EXISTS,
                format!("{} is there already and was left alone", path.display()),
            )),
            result => result.map_err(unwritable),
        };
    }
    let beside = beside(path);
    create(&beside, bytes).and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        let _nothing_to_tidy = fs::remove_file(&beside);
        unwritable(error)
    })
}

/// Makes a folder that only its owner can enter, and those above it that are missing.
///
/// # Errors
/// `file_unwritable`.
pub(crate) fn folder(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        let message = format!("{} cannot be made: {error}", path.display());
        Failure::new(error::FILE_UNWRITABLE, message)
    })
}

/// Makes the file, which must not be there in any form (`O_EXCL` follows no link).
fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _half_a_file_is_none = fs::remove_file(path);
    }
    written
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_another_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"one", false).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(write(&path, b"two", false).unwrap_err().code, "file_exists");
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn force_replaces_a_link_and_not_what_it_points_to() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "untouched").unwrap();
        symlink(&target, &link).unwrap();
        assert_eq!(write(&link, b"new", false).unwrap_err().code, "file_exists");
        write(&link, b"new", true).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
        assert!(!fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&link), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    }
}
