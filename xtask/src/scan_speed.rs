//! The scan beside ripgrep over one tree, in turns: whole processes, as people start them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Which tree, and how often.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The tree [default: the sources of all crates that cargo has fetched]
    tree: Option<PathBuf>,
    /// How many turns each has
    #[arg(long, default_value_t = 9)]
    turns: u32,
}

/// Builds the program, lets both read the tree once, then measures them in turns and prints the ratio.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let tree = match &args.tree {
        Some(tree) => std::path::absolute(tree).map_err(|error| error.to_string())?,
        None => fetched_sources()?,
    };
    let built = crate::cargo(root).args(["build", "--release", "--package", "keytide"]).status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("cargo build: the program was not built".to_owned());
    }
    let keytide = crate::tools::target_folder(root)?.join("release/keytide");
    let scan = || {
        let mut command = Command::new(&keytide);
        command.arg("scan").arg(&tree);
        command
    };
    let ripgrep = || {
        let mut command = Command::new("rg");
        command.args(["--count", "jwt"]).arg(&tree);
        command
    };
    let (mut ours, mut theirs) = (vec![timed(scan())?], vec![timed(ripgrep())?]);
    ours.clear();
    theirs.clear();
    for _ in 0..args.turns.max(1) {
        ours.push(timed(scan())?);
        theirs.push(timed(ripgrep())?);
    }
    let [(our_least, our_median), (their_least, their_median)] = [ours, theirs].map(figures);
    println!("{}: {}", tree.display(), size(&tree)?);
    println!("keytide scan  least {our_least:.3} s, median {our_median:.3} s");
    println!("rg -c jwt     least {their_least:.3} s, median {their_median:.3} s");
    println!(
        "ratio         least {:.2}, median {:.2}",
        our_least / their_least,
        our_median / their_median
    );
    Ok(())
}

/// How long a process takes that prints for nobody.
fn timed(mut command: Command) -> Result<Duration, String> {
    let started = Instant::now();
    // Findings and "no match" have a status of their own, and are no failure here.
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    ended.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    Ok(started.elapsed())
}

/// The least and the median, in seconds.
fn figures(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let seconds = |at: usize| times.get(at).map_or(0.0, Duration::as_secs_f64);
    (seconds(0), seconds(times.len() / 2))
}

fn fetched_sources() -> Result<PathBuf, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    Ok(home.ok_or("name a tree: there is no HOME")?.join("registry/src"))
}

/// How many files and megabytes ripgrep reads there.
fn size(tree: &Path) -> Result<String, String> {
    let listed = Command::new("rg").args(["--files"]).arg(tree).output();
    let listed = listed.map_err(|error| format!("rg: {error}"))?.stdout;
    let files: Vec<&str> = str::from_utf8(&listed).unwrap_or_default().lines().collect();
    let bytes: u64 =
        files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum();
    Ok(format!("{} files, {} MB", files.len(), bytes / 1_000_000))
}
