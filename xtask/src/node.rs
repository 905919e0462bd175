//! The Node packages: their addon, what their tests need from npm, the tests, and the benchmark.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{package, tools};

/// The folder of both packages.
const PACKAGES: &str = "bindings/node";

/// The addon, under a name that Node loads.
const ADDON: &str = "keytide.node";

/// What the package `keytide` is made of, beside its addon.
pub(crate) const KEYTIDE: [&str; 7] =
    ["package.json", "index.js", "index.mjs", "index.d.ts", "native.js", "lib", "jsonwebtoken"];

/// Builds the addon and installs what is missing, for tests of the program that use the package.
pub(crate) fn ready_to_test(root: &Path, install: bool) -> Result<(), String> {
    let target = tools::target_folder(root)?;
    let node = tools::node(root)?.ok_or("there is no Node, which the packages' tests need")?;
    peers(root, &target, &node, install)?;
    addon(root, &target, Profile::Dev).map(drop)
}

/// Where the package is, with the addon that was built before.
pub(crate) fn found(root: &Path) -> Result<tools::Found, String> {
    let addon = tools::target_folder(root)?.join("debug").join(ADDON);
    if !addon.is_file() {
        return Ok(Vec::new());
    }
    let package = root.join(PACKAGES);
    Ok(vec![("KEYTIDE_TEST_NODE_PACKAGE", package), ("KEYTIDE_NATIVE_ADDON", addon)])
}

/// Builds the addon, installs what is missing, and runs the packages' tests; `secret` is one that
/// Keytide made.
pub(crate) fn test(root: &Path, secret: &str, install: bool) -> Result<(), String> {
    let target = tools::target_folder(root)?;
    let node = tools::node(root)?.ok_or("there is no Node, which the packages' tests need")?;
    peers(root, &target, &node, install)?;
    let addon = addon(root, &target, Profile::Dev)?;
    let packages = target.join("tools/node-packages");
    package::node::packages(root, &packages, Profile::Dev)?;
    let server = build(root, "keytide", Profile::Dev, &target)?.join(program_name("keytide"));
    let mut command = Command::new(&node);
    command.current_dir(root).arg("--test").args(test_files(root)?);
    command.env("KEYTIDE_NATIVE_ADDON", addon);
    command.env("KEYTIDE_TEST_SERVER", server).env("KEYTIDE_TEST_SECRET", secret);
    succeeds(&mut command)?;
    // Sites that install the packages as anybody does: without anything of this folder.
    let mut downstream = Command::new(&node);
    downstream.current_dir(root).arg("--test");
    downstream.arg(root.join(PACKAGES).join("tests/downstream/downstream.test.js"));
    downstream.env("KEYTIDE_TEST_PACKAGES", packages);
    downstream.env("KEYTIDE_TEST_CACHE", target.join("tools/node-sites"));
    succeeds(&mut downstream)
}

/// What measures the benchmark's rows, so many rounds each, and prints them as a table.
pub(crate) fn bench(root: &Path, rounds: u32) -> Result<Command, String> {
    let target = tools::target_folder(root)?;
    let node = tools::node(root)?.ok_or("there is no Node, which its rows need")?;
    let compared = peers(root, &target, &node, true)?;
    let mut command = Command::new(&node);
    command.current_dir(root).arg("bench/node/bench.js").arg(rounds.to_string());
    command.env("KEYTIDE_NATIVE_ADDON", addon(root, &target, Profile::Release)?);
    command.env("KEYTIDE_NODE_PEERS", compared.join("node_modules"));
    Ok(command)
}

/// How something is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// As for tests.
    Dev,
    /// As it is handed out.
    Release,
}

/// Builds the addon; the file has a name that Node loads.
pub(crate) fn addon(root: &Path, target: &Path, profile: Profile) -> Result<PathBuf, String> {
    let folder = build(root, "keytide-node", profile, target)?;
    let name =
        format!("{}keytide_node{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let addon = folder.join(ADDON);
    // A running process may have the former one mapped: it keeps it, and the name gets the new one.
    let fresh = folder.join("keytide.node.new");
    fs::copy(folder.join(&name), &fresh).map_err(|error| format!("{name}: {error}"))?;
    fs::rename(&fresh, &addon).map_err(|error| format!("{}: {error}", addon.display()))?;
    Ok(addon)
}

/// Builds a crate and gives the folder that it is in.
fn build(root: &Path, krate: &str, profile: Profile, target: &Path) -> Result<PathBuf, String> {
    let mut cargo = crate::cargo(root);
    cargo.args(["build", "--locked", "--package", krate]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    succeeds(&mut cargo)?;
    Ok(target.join(folder))
}

fn program_name(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// The folder with what ours is compared with, from the lock file beside the tests.
fn peers(root: &Path, target: &Path, node: &Path, install: bool) -> Result<PathBuf, String> {
    let compared = target.join("tools/node-bindings");
    if install {
        tools::npm_ci(node, &root.join(PACKAGES).join("tests"), &compared)?;
    }
    link(&compared.join("node_modules"), &root.join(PACKAGES).join("node_modules"))?;
    Ok(compared)
}

/// Lets the packages' sources find what they depend on, without a second copy in the tree.
pub(crate) fn link(to: &Path, at: &Path) -> Result<(), String> {
    if fs::read_link(at).is_ok_and(|there| there == to) {
        return Ok(());
    }
    if fs::symlink_metadata(at).is_ok_and(|there| there.is_symlink()) {
        fs::remove_file(at).map_err(|error| format!("{}: {error}", at.display()))?;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(to, at);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(to, at);
    linked.map_err(|error| format!("{}: {error}", at.display()))
}

/// Copies files and folders, replacing what was there.
pub(crate) fn copy_all<S: AsRef<str>>(from: &Path, to: &Path, names: &[S]) -> Result<(), String> {
    let fail = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| fail(to, error))?;
    }
    fs::create_dir_all(to).map_err(|error| fail(to, error))?;
    for name in names.iter().map(AsRef::as_ref) {
        let (source, copy) = (from.join(name), to.join(name));
        if source.is_dir() {
            copy_all(&source, &copy, &names_in(&source)?)?;
        } else {
            fs::copy(&source, &copy).map_err(|error| fail(&source, error))?;
        }
    }
    Ok(())
}

/// What is in a folder, by name and in order.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>, String> {
    let fail = |error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn test_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join(PACKAGES).join("tests");
    let names = names_in(&folder)?;
    let tests = names.into_iter().filter(|name| name.contains(".test."));
    Ok(tests.map(|name| folder.join(name)).collect())
}

pub(crate) fn succeeds(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_what_it_is_made_of_and_nothing_older() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("lib")).unwrap();
        fs::create_dir_all(to.join("old")).unwrap();
        fs::write(from.join("lib/a.js"), "a").unwrap();
        fs::write(from.join("b.js"), "b").unwrap();
        copy_all(&from, &to, &["lib", "b.js"]).unwrap();
        assert_eq!(names_in(&to).unwrap(), ["b.js", "lib"]);
        assert_eq!(names_in(&to.join("lib")).unwrap(), ["a.js"]);
        assert!(copy_all(&from, &to, &["missing"]).is_err());
    }
}
