//! The engine beside its peers and the bare primitives: runs `bench/` and writes its table down.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{node, python};

/// How to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many rounds each row is measured in turns
    #[arg(long, default_value_t = 300)]
    rounds: u32,
    /// Print the table and leave bench/README.md as it is
    #[arg(long)]
    print_only: bool,
}

/// The lines of `bench/README.md` between which the results stand.
const START: &str = "<!-- results: written by `cargo xtask bench` -->";
const END: &str = "<!-- end of results -->";

/// The rows whose instructions are counted.
const COUNTED: [(&str, &str); 4] = [
    ("verify", "HS256 verify T into typed claims"),
    ("sign", "HS256 sign T from typed claims"),
    ("cached", "T seen before, with the cache of verified tokens"),
    ("known", "ES256 verify T with a known key"),
];

/// Builds the benchmark, measures, counts instructions where `valgrind` is there, prints the results
/// and writes them into `bench/README.md`.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let program = build(root)?;
    let mut results = output(Command::new(&program).arg(args.rounds.to_string()))?;
    results.push_str(&instructions(&program)?);
    results.push_str("\n### P6: Python, beside PyJWT 2.15.1\n\n");
    results.push_str(&output(&mut python::bench(root)?)?);
    results.push_str("\n### P7: Node, beside jsonwebtoken 9.0.3 and fast-jwt 6.3\n\n");
    results.push_str(&output(&mut node::bench(root, args.rounds)?)?);
    print!("{results}");
    if args.print_only {
        return Ok(());
    }
    let path = root.join("bench/README.md");
    let fail = |error| format!("{}: {error}", path.display());
    let page = fs::read_to_string(&path).map_err(fail)?;
    let page = replaced(&page, &results).ok_or("bench/README.md has no place for the results")?;
    fs::write(&path, page).map_err(fail)
}

/// The benchmark is a workspace of its own; what it builds goes beside what this one builds.
fn build(root: &Path) -> Result<PathBuf, String> {
    let metadata = crate::metadata(root)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?;
    let target = Path::new(target).join("bench");
    let mut cargo = crate::cargo(root);
    cargo.args(["build", "--release", "--locked", "--manifest-path", "bench/Cargo.toml"]);
    match cargo.arg("--target-dir").arg(&target).status() {
        Ok(status) if status.success() => Ok(target.join("release/keytide-bench")),
        Ok(status) => Err(format!("building bench: {status}")),
        Err(error) => Err(format!("building bench: {error}")),
    }
}

/// A table of instruction counts, which repeat exactly where times do not.
fn instructions(program: &Path) -> Result<String, String> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if valgrind.is_err() {
        return Ok("\nInstructions were not counted: `valgrind` is not installed.\n".to_owned());
    }
    let mut table = "\n| what | instructions |\n|---|--:|\n".to_owned();
    for (row, what) in COUNTED {
        // What starting costs is in both counts.
        let (few, many) = (collected(program, row, 1_000)?, collected(program, row, 3_000)?);
        let each = many.saturating_sub(few) / 2_000;
        writeln!(table, "| {what} | {each} |").map_err(|error| error.to_string())?;
    }
    Ok(table)
}

/// The instructions of so many runs of a row.
fn collected(program: &Path, row: &str, times: u32) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(["once", row, &times.to_string()]);
    let output = valgrind.output().map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("valgrind gave no count: {said}"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}"))
}

/// The page with other results, or `None` where it has no place for them.
fn replaced(page: &str, results: &str) -> Option<String> {
    let (before, rest) = page.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}\n\n{results}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_replace_those_before_and_nothing_else() {
        let page = format!("a\n{START}\nold\n{END}\nb\n");
        let once = replaced(&page, "new\n").unwrap();
        assert_eq!(once, format!("a\n{START}\n\nnew\n\n{END}\nb\n"));
        assert_eq!(replaced(&once, "new\n").unwrap(), once);
        assert_eq!(replaced("no place", "new"), None);
    }
}
