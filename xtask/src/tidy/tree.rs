//! The Rust files of the workspace, and which crate and role each has.

use std::fs;
use std::path::Path;

/// One Rust file.
pub(super) struct Source {
    /// The crate's folder name: `jose`, …, `xtask`.
    pub(super) room: String,
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Whether the whole file is only compiled for tests, examples or benchmarks.
    pub(super) for_tests: bool,
}

/// The folders of a crate that hold Rust, and whether what they hold is for tests.
const FOLDERS: &[(&str, bool)] =
    &[("src", false), ("tests", true), ("examples", true), ("benches", true)];

/// Every Rust file of `crates/*`, `bindings/*`, `examples/*` and `xtask` below `root`, ordered by path.
pub(super) fn rust_files(root: &Path) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    for name in crate_folders(root)? {
        let room = name.rsplit('/').next().unwrap_or(&name);
        for (folder, for_tests) in FOLDERS {
            collect(root, &format!("{name}/{folder}"), room, *for_tests, &mut sources)?;
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// `crates/jose`, …, `xtask`, relative to `root`.
pub(super) fn crate_folders(root: &Path) -> Result<Vec<String>, String> {
    let mut folders = vec!["xtask".to_owned()];
    for rooms in ["bindings", "crates", "examples"] {
        for entry in entries(&root.join(rooms))? {
            folders.push(format!("{rooms}/{entry}"));
        }
    }
    folders.retain(|folder| root.join(folder).join("Cargo.toml").is_file());
    folders.sort();
    Ok(folders)
}

fn collect(
    root: &Path,
    folder: &str,
    room: &str,
    for_tests: bool,
    sources: &mut Vec<Source>,
) -> Result<(), String> {
    if !root.join(folder).is_dir() {
        return Ok(());
    }
    for name in entries(&root.join(folder))? {
        let path = format!("{folder}/{name}");
        // `mod tests;` keeps a unit's tests in a file or folder of that name.
        let for_tests = for_tests || name == "tests" || name == "tests.rs";
        if root.join(&path).is_dir() {
            collect(root, &path, room, for_tests, sources)?;
        } else if path.ends_with(".rs") {
            let text = fs::read_to_string(root.join(&path))
                .map_err(|error| format!("{path} can't be read: {error}"))?;
            sources.push(Source { room: room.to_owned(), path, text, for_tests });
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<String>, String> {
    let unreadable = |error| format!("{} can't be read: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_know_their_crate_and_whether_they_are_for_tests() {
        let root = tempfile::tempdir().unwrap();
        for path in [
            "bindings/node/src/lib.rs",
            "crates/jose/src/jwt/tests.rs",
            "crates/jose/src/lib.rs",
            "examples/axum/src/main.rs",
            "xtask/src/main.rs",
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        for folder in ["bindings/node", "crates/jose", "examples/axum", "xtask"] {
            fs::write(root.path().join(folder).join("Cargo.toml"), "").unwrap();
        }
        let sources = rust_files(root.path()).unwrap();
        let seen: Vec<_> =
            sources.iter().map(|s| (s.room.as_str(), s.path.as_str(), s.for_tests)).collect();
        assert_eq!(
            seen,
            [
                ("node", "bindings/node/src/lib.rs", false),
                ("jose", "crates/jose/src/jwt/tests.rs", true),
                ("jose", "crates/jose/src/lib.rs", false),
                ("axum", "examples/axum/src/main.rs", false),
                ("xtask", "xtask/src/main.rs", false),
            ]
        );
    }
}
