//! References that the program writes from its own tables: written, or compared with what is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::finding::Finding;

/// Each checked-in reference and the arguments of `keytide` that print it.
const REFERENCES: &[(&str, &[&str])] = &[
    ("docs/cli.md", &["reference", "cli"]),
    ("docs/errors.md", &["reference", "errors"]),
    ("docs/http.md", &["reference", "http"]),
    ("docs/env.md", &["reference", "env"]),
];

/// Writes every reference.
pub(crate) fn write(root: &Path) -> Result<(), String> {
    let program = built(root)?;
    for (path, args) in REFERENCES {
        let text = printed(&program, args)?;
        let to = root.join(path);
        let folder = to.parent().expect("a reference stands in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&to, text))
            .map_err(|error| format!("{path} can't be written: {error}"))?;
        println!("wrote {path}");
    }
    Ok(())
}

/// The references that are missing or say something else than the program.
pub(crate) fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let program = built(root)?;
    let mut findings = Vec::new();
    for (path, args) in REFERENCES {
        findings.extend(compare(root, path, &printed(&program, args)?));
    }
    Ok(findings)
}

fn compare(root: &Path, path: &str, expected: &str) -> Option<Finding> {
    let line = match fs::read_to_string(root.join(path)) {
        Ok(there) => first_difference(&there, expected)?,
        Err(_) => 1,
    };
    Some(Finding::new(
        format!("{path}:{line}"),
        "the reference is not what the program says of itself",
        "run `cargo xtask generate` and commit what it wrote",
    ))
}

/// The first line, from 1, at which the two texts part.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    Some(same + 1)
}

/// The path of a freshly built `keytide`.
fn built(root: &Path) -> Result<PathBuf, String> {
    let mut cargo = crate::cargo(root);
    cargo.args(["build", "--quiet", "--package", "keytide", "--bin", "keytide"]);
    cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| format!("cargo build: {error}"))?;
    if !output.status.success() {
        return Err("keytide does not build, so its references can't be made".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo build named no program".to_owned())
}

fn printed(program: &Path, args: &[&str]) -> Result<String, String> {
    let said = || format!("keytide {}", args.join(" "));
    let output = Command::new(program)
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .map_err(|error| format!("{}: {error}", said()))?;
    if !output.status.success() {
        return Err(format!("{}: {}", said(), String::from_utf8_lossy(&output.stderr)));
    }
    if output.stdout.is_empty() {
        return Err(format!("{}: it printed nothing", said()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", said()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_or_missing_reference_is_found_at_its_line() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cli.md"), "# CLI\n\nserve\n").unwrap();
        assert_eq!(compare(root.path(), "cli.md", "# CLI\n\nserve\n"), None);
        let stale = compare(root.path(), "cli.md", "# CLI\n\nserve\nsign\n").unwrap();
        assert_eq!(stale.place, "cli.md:4");
        let missing = compare(root.path(), "errors.md", "# Errors\n").unwrap();
        assert_eq!(missing.place, "errors.md:1");
        assert!(compare(root.path(), "errors.md", "").is_some());
    }
}
