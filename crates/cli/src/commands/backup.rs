//! `keytide backup`: the embedded store in one sealed file, made while others use it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use keytide_ring::Clock;
use keytide_store::{BackupReport, verify_backup};

use crate::args::StorePlace;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local::{self, OpenStore, open_store};
use crate::output::Output;
use crate::progress::Bar;
use crate::rings::store_folder;

/// Write the embedded store into one sealed file
///
/// Servers may use the store meanwhile; the file has the state of one moment. It is sealed: with the
/// store's master key it is enough to have everything again, and without it nobody reads it. It comes
/// into being whole, readable by its owner alone, or not at all.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  keytide backup monday.backup
  keytide backup verify monday.backup"
)]
pub(crate) struct BackupArgs {
    /// The new file
    #[arg(required = true)]
    file: Option<PathBuf>,

    #[command(flatten)]
    store: StorePlace,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    Verify(VerifyArgs),
}

/// Look a backup through: every chunk, every secret, the whole audit log
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide backup verify monday.backup
  keytide backup verify monday.backup --master-key keytide-data/master.key")]
struct VerifyArgs {
    /// The backup
    file: PathBuf,

    #[command(flatten)]
    store: StorePlace,
}

/// Writes or checks a backup.
pub(crate) fn run(args: BackupArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let (report, what) = match (args.verb, args.file) {
        (Some(Verb::Verify(VerifyArgs { file, store })), _) => {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
            let options = local::options(&store, config, &clock)?;
            let folder = store_folder(store.store.as_ref(), config);
            let mut bar = Bar::rows("checking");
            let report = verify_backup(&file, &folder, options, &mut |n, of| bar.show(n, of))?;
            (report, format!("{} is whole", file.display()))
        }
        (None, Some(file)) => {
            let OpenStore { store, actor, .. } = open_store(&args.store, config, output, false)?;
            let mut bar = Bar::rows("writing");
            let report = store.backup(&file, &actor, &mut |n, of| bar.show(n, of))?;
            (report, format!("{} is written", file.display()))
        }
        (None, None) => return Err(Failure::wrong_use("no file was named")),
    };
    if output.is_json() {
        output.json(&report)?;
    } else {
        output.line(format_args!("{what}: {}", told(&report)))?;
    }
    Ok(Exit::Done)
}

/// What is in a backup, in words.
pub(crate) fn told(report: &BackupReport) -> String {
    let BackupReport { made_at, generation, written_at, rows } = report;
    let [made_at, written_at] =
        [made_at, written_at].map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    format!("made at {made_at}, {rows} rows, generation {generation} of {written_at}")
}
