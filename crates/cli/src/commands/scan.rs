//! `keytide scan`: finds signing secrets where they should not be, judges and proves them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::{Args, ValueEnum};
use keytide_jose::{Rng, Secret, SystemRng};
use keytide_ring::Clock;
use keytide_scan::report::{self, Paint};
use keytide_scan::{
    Allowances, Baseline, Finding, KEY_BYTES, KnownSecret, Options, Progress, Report, Severity,
    What,
};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::new_file;
use crate::output::{ERROR, FAINT, Output, STRONG, WARNING, visible};
use crate::progress::Bar;
use crate::source::{Purpose, Source};

/// Find signing secrets in code, configuration and history
///
/// Literals that sign or verify tokens, defaults of look-ups, configuration keys, private JWKs and PEM
/// keys, and tokens. Each is judged, and tokens are tried with every secret that was found, that is
/// published or that is given, so that a leak is proven. Secrets are masked in every form of the report.
/// The exit status is 0 where nothing is as bad as --fail-on, 1 where something is, 2 for wrong use, 3
/// for a failure.
///
/// `keytide:allow` in a comment on a finding's line or alone on the line above allows it; `keytide.toml`
/// allows rules for paths; `.keytideignore` names what is not read.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide scan --write-baseline
  keytide scan --fail-on error
  keytide scan --format sarif > keytide.sarif")]
pub(crate) struct ScanArgs {
    /// Files and folders [default: where you are]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Scan what is staged for the next commit, from git's index
    #[arg(long, conflicts_with_all = ["paths", "history", "since"])]
    staged: bool,

    /// Scan every version of every file in the repository's history, each once
    #[arg(long, conflicts_with_all = ["paths", "since"])]
    history: bool,

    /// Scan what commits after this revision brought
    #[arg(long, value_name = "REV", conflicts_with = "paths")]
    since: Option<String>,

    /// Further secrets to try tokens with, one a line
    #[arg(long, value_name = "FILE|-|env:NAME")]
    secrets: Option<Source>,

    /// The report's form
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The least that makes the exit status 1
    #[arg(long, value_enum, default_value_t = Level::Warning)]
    fail_on: Level,

    /// Show notes too: fixtures, documentation, comments, templates
    #[arg(long)]
    notes: bool,

    /// Findings that were there before [default: keytide-baseline.json, if it is there]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Add what is found to the baseline
    #[arg(long)]
    write_baseline: bool,

    /// Read what .gitignore names too
    #[arg(long)]
    no_ignore: bool,

    /// The project's decisions [default: keytide.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// Annotations of GitHub's workflows
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// A live secret, beyond doubt
    Error,
    /// Something to look at
    Warning,
    /// Anything
    Note,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Note => Self::Note,
        }
    }
}

const BASELINE: &str = "keytide-baseline.json";
const CONFIG: &str = "keytide.toml";
const MOST_SECRETS: usize = 16 << 20;

/// Scans and reports.
pub(crate) fn run(args: ScanArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let baseline_path = args.baseline.clone().unwrap_or_else(|| PathBuf::from(BASELINE));
    let must_be_there = args.baseline.is_some() && !args.write_baseline;
    let baseline = match read(&baseline_path, must_be_there)? {
        Some(text) => Some(Baseline::parse(&text)?),
        None => None,
    };
    let config_path = args.config.clone().unwrap_or_else(|| PathBuf::from(CONFIG));
    let allowances = match read(&config_path, args.config.is_some())? {
        Some(text) => Allowances::parse(&text)?,
        None => Allowances::default(),
    };
    let root =
        std::path::absolute(".").map_err(|error| Failure::unreadable(Path::new("."), &error))?;
    let what = match (&args.since, args.staged, args.history) {
        (Some(revision), ..) => What::Since(revision.clone()),
        (None, true, _) => What::Staged,
        (None, _, true) => What::History,
        _ if args.paths.is_empty() => What::Tree(vec![PathBuf::from(".")]),
        _ => What::Tree(args.paths.clone()),
    };
    let root = if matches!(what, What::Tree(_)) { PathBuf::from(".") } else { root };
    let mut options = Options::new(what, root, SystemClock::new().now().as_second());
    options.no_ignore = args.no_ignore;
    options.allowances = allowances;
    options.secrets = match &args.secrets {
        Some(source) => known(source, config)?,
        None => Vec::new(),
    };
    options.baseline = match baseline {
        None if args.write_baseline => {
            let mut key = vec![0; KEY_BYTES];
            SystemRng.fill(&mut key)?;
            Some(Baseline::new(key))
        }
        there => there,
    };
    let report = watched(&options)?;
    show(&report, &args, output)?;
    if args.write_baseline {
        return write_baseline(options, &report, &baseline_path, output);
    }
    Ok(if report.has(args.fail_on.into()) { Exit::No } else { Exit::Done })
}

/// A file's text, where it is there or must be.
fn read(path: &Path, must_be_there: bool) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound && !must_be_there => Ok(None),
        Err(error) => Err(Failure::unreadable(path, &error)),
    }
}

fn known(source: &Source, config: &Config) -> Result<Vec<KnownSecret>, Failure> {
    let given = source.read(Purpose { option: "--secrets", limit: MOST_SECRETS }, config)?;
    let lines = (1..).zip(given.expose().split(|b| *b == b'\n'));
    Ok(lines
        .map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| KnownSecret {
            origin: format!("line {number} of --secrets"),
            secret: Secret::new(line.to_vec()),
        })
        .collect())
}

/// Scans on threads of its own, while this one shows how far it is and hears of an interrupt.
fn watched(options: &Options) -> Result<Report, Failure> {
    let progress = Progress::default();
    let mut bar = Bar::files("scanning");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok();
    let report = std::thread::scope(|scope| {
        let scan = scope.spawn(|| keytide_scan::scan(options, &progress));
        while !scan.is_finished() {
            let pause = Duration::from_millis(20);
            let interrupted = runtime.as_ref().is_some_and(|runtime| {
                let interrupt = tokio::signal::ctrl_c();
                runtime.block_on(async { tokio::time::timeout(pause, interrupt).await.is_ok() })
            });
            if runtime.is_none() {
                std::thread::sleep(pause);
            }
            if interrupted {
                progress.cancelled.store(true, Ordering::Relaxed);
            }
            let load = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
            bar.count(load(&progress.done), load(&progress.total));
        }
        scan.join()
    });
    drop(bar);
    match report {
        Ok(report) => Ok(report?),
        // The thread's own message has been printed.
        Err(_) => Err(Failure::new(crate::error::UNEXPECTED, "the scan broke off")),
    }
}

fn show(report: &Report, args: &ScanArgs, output: &Output) -> Result<(), Failure> {
    let least = if args.notes { Severity::Note } else { Severity::Warning };
    match args.format {
        Format::Json => output.json(report),
        Format::Text if output.is_json() => output.json(report),
        Format::Sarif => output.json(&report::sarif(report, env!("CARGO_PKG_VERSION"))),
        Format::Github => output.bytes(visible(&report::github(report, least)).as_bytes()),
        Format::Text => {
            let paint = |paint: Paint, text: &str| {
                let style = match paint {
                    Paint::Error => ERROR,
                    Paint::Warning => WARNING,
                    Paint::Faint => FAINT,
                    _ => STRONG,
                };
                output.styled(style, visible(text))
            };
            output.bytes(report::text(report, least, &paint).as_bytes())
        }
    }
}

/// Adds what was found, keeping what was known.
fn write_baseline(
    options: Options,
    report: &Report,
    path: &Path,
    output: &Output,
) -> Result<Exit, Failure> {
    let Some(mut baseline) = options.baseline else { return Ok(Exit::Done) };
    let counts = |finding: &&Finding| finding.severity > Severity::Note;
    report.findings.iter().filter(counts).for_each(|finding| baseline.add(finding));
    new_file::write(path, baseline.to_text().as_bytes(), true)?;
    let count = baseline.len();
    output.say(format_args!("wrote {}: it knows {count} findings", path.display()));
    Ok(Exit::Done)
}
