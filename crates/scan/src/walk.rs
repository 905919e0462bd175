//! The files of a tree, on all cores, by the rules of `.gitignore` and `.keytideignore`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::error::Error;
use crate::project::Collector;
use crate::text::decode;

/// Hands every file to the collector.
pub(crate) fn run(
    paths: &[PathBuf],
    root: &Path,
    no_ignore: bool,
    collector: &Collector<'_>,
) -> Result<(), Error> {
    for path in paths {
        std::fs::metadata(path).map_err(|error| {
            Error::Unreadable(format!("{} cannot be read: {error}", path.display()))
        })?;
    }
    let Some((first, others)) = paths.split_first() else { return Ok(()) };
    let mut builder = WalkBuilder::new(first);
    for path in others {
        builder.add(path);
    }
    builder
        .hidden(false)
        .git_ignore(!no_ignore)
        .git_exclude(!no_ignore)
        .git_global(!no_ignore)
        .ignore(!no_ignore)
        .add_custom_ignore_filename(".keytideignore")
        .threads(std::thread::available_parallelism().map_or(2, usize::from))
        .filter_entry(|entry| entry.file_name() != ".git" || entry.depth() == 0);
    builder.build_parallel().run(|| {
        let mut share = collector.share();
        let mut buffer = Vec::new();
        Box::new(move |entry| {
            if collector.cancelled() {
                return WalkState::Quit;
            }
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    one(&entry, root, &mut buffer, &mut share);
                }
                Ok(_) => {}
                Err(error) => share.unread(Path::new("."), &error),
            }
            WalkState::Continue
        })
    });
    Ok(())
}

fn one(
    entry: &DirEntry,
    root: &Path,
    buffer: &mut Vec<u8>,
    share: &mut crate::project::Share<'_, '_>,
) {
    let path = entry.path();
    buffer.clear();
    match read(path, buffer) {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return share.unread(path, &error),
    }
    if buffer.len() > MOST_BYTES {
        buffer.truncate(MOST_BYTES);
        share.unread(path, &"only its first 64 MiB were read");
    }
    let shown = path.strip_prefix(root).unwrap_or(path);
    let shown = shown.strip_prefix("./").unwrap_or(shown);
    share.text(&shown.to_string_lossy().replace('\\', "/"), buffer, None);
}

/// Reads a file unless its beginning says that it is no text.
fn read(path: &Path, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    file.by_ref().take(FIRST_BYTES).read_to_end(buffer)?;
    if decode::is_binary(buffer) {
        return Ok(false);
    }
    if buffer.len() as u64 == FIRST_BYTES {
        file.take(MOST_BYTES as u64 + 1).read_to_end(buffer)?;
    }
    Ok(true)
}

const FIRST_BYTES: u64 = 64 * 1024;
const MOST_BYTES: usize = 64 << 20;
