//! The project's own chores: `cargo xtask tidy | generate | test | bench | package | scan-score | scan-speed`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to who runs it")]

mod bench;
mod examples;
mod finding;
mod generate;
mod node;
mod package;
mod python;
mod scan_speed;
mod test;
mod tidy;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check what the compiler can't: who may depend on whom, first lines, bans, references
    Tidy,
    /// Write the references that are made from the program's own tables
    Generate {
        /// Write nothing; fail where a reference is not current
        #[arg(long)]
        check: bool,
    },
    /// Install what the tests need and is missing, then run every test of the workspace
    Test(test::Args),
    /// Measure the engine beside its peers and the bare primitives, and write bench/README.md
    Bench(bench::Args),
    /// Build the packages for other languages into target/packages
    Package,
    /// Print precision and recall of the scan on a labelled corpus, by form and by kind of file
    ScanScore {
        /// The corpus: a folder with `labels.tsv` [default: crates/scan/corpus]
        corpus: Option<PathBuf>,
    },
    /// Measure the scan beside ripgrep over one tree
    ScanSpeed(scan_speed::Args),
}

fn main() -> ExitCode {
    let root = root();
    let done = match Args::parse().chore {
        Chore::Tidy => tidy::run(&root).and_then(|found| finding::report("tidy", &found)),
        Chore::Generate { check: true } => {
            generate::check(&root).and_then(|found| finding::report("generate", &found))
        }
        Chore::Generate { check: false } => generate::write(&root),
        Chore::Test(args) => test::run(&root, &args),
        Chore::Bench(args) => bench::run(&root, &args),
        Chore::Package => package::run(&root),
        Chore::ScanScore { corpus } => scan_score(&root, corpus.as_deref()),
        Chore::ScanSpeed(args) => scan_speed::run(&root, &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the crate's own scorer, so that the chores need not link what it links.
fn scan_score(root: &Path, corpus: Option<&Path>) -> Result<(), String> {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "keytide-scan", "--example", "score", "--"]);
    command
        .args(corpus.map(|corpus| std::path::absolute(corpus).unwrap_or_else(|_| corpus.into())));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("scan-score: below the bar of .95".to_owned()),
        Err(error) => Err(format!("cargo run: {error}")),
    }
}

/// The workspace's root: the folder above this crate's.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a crate of the workspace has a folder above it").to_path_buf()
}

/// The cargo that runs us, to be run in `root`.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// `cargo metadata` of the workspace.
fn metadata(root: &Path) -> Result<serde_json::Value, String> {
    let mut command = cargo(root);
    command.args(["metadata", "--format-version", "1", "--no-deps"]);
    let output = command.output().map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}
