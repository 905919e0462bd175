//! `keytide restore`: a store out of a backup, and an older database accepted.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keytide_ring::Clock;
use keytide_store::{Accepted, RestoreTerms, Restored, restore};

use crate::args::StorePlace;
use crate::clock::SystemClock;
use crate::commands::backup;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local::{self, OpenStore, open_store};
use crate::output::Output;
use crate::progress::Bar;
use crate::rings::store_folder;

/// Make a store out of a backup, or accept an older database
///
/// A backup is checked whole before anything is replaced. Where it, or the database that is there, is
/// older than the store's anchor, or the anchor is lost, revoked keys might return and epochs be used
/// twice: then nothing is signed until it is accepted with a reason. Accepting raises every epoch above
/// all that may have been issued, and revokes and destroys again what the anchor knows of. Tokens of
/// keys that were made after the backup verify no more.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide restore monday.backup --store restored --master-key keytide-data/master.key \\
      --accept-epoch --reason 'the disk died'")]
pub(crate) struct RestoreArgs {
    /// The backup; none to accept the database that is there
    #[arg(required_unless_present = "accept_epoch")]
    file: Option<PathBuf>,

    #[command(flatten)]
    store: StorePlace,

    /// Replace the store that is there; stop what uses it first
    #[arg(long, requires = "file")]
    replace: bool,

    /// Accept a database that is older than the store's anchor, or whose anchor is lost
    #[arg(long, requires = "reason")]
    accept_epoch: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", requires = "accept_epoch")]
    reason: Option<String>,
}

/// Restores or accepts.
pub(crate) fn run(args: RestoreArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let RestoreArgs { file, store: place, replace, accept_epoch, reason } = args;
    let accept = reason.as_deref().filter(|_| accept_epoch);
    match (file, accept) {
        (Some(file), accept) => {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
            let options = local::options(&place, config, &clock)?;
            let folder = store_folder(place.store.as_ref(), config);
            let terms = RestoreTerms { replace, accept };
            let mut bar = Bar::rows("restoring");
            let restored = restore(&file, &folder, options, terms, &mut |n, of| bar.show(n, of));
            drop(bar);
            tell_restored(&restored?, &folder, output)?;
        }
        (None, Some(reason)) => {
            let OpenStore { store, actor, .. } = open_store(&place, config, output, false)?;
            match store.accept_epoch(reason, &actor)? {
                Some(accepted) if output.is_json() => output.json(&accepted)?,
                Some(accepted) => tell_accepted(&accepted, output)?,
                None if output.is_json() => output.json(&serde_json::json!({}))?,
                None => output.line("the database is as new as its anchor: nothing to accept")?,
            }
        }
        (None, None) => return Err(Failure::wrong_use("neither a backup nor --accept-epoch")),
    }
    Ok(Exit::Done)
}

fn tell_restored(
    restored: &Restored,
    folder: &std::path::Path,
    output: &Output,
) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(restored);
    }
    let Restored { backup: report, accepted } = restored;
    output.line(format_args!("{} is restored: {}", folder.display(), backup::told(report)))?;
    accepted.as_ref().map_or(Ok(()), |accepted| tell_accepted(accepted, output))
}

fn tell_accepted(accepted: &Accepted, output: &Output) -> Result<(), Failure> {
    let Accepted {
        raised_by, rings, revoked, destroyed, access_ended, later_changes_known, ..
    } = accepted;
    output.line(format_args!("the epochs of {rings} rings were raised by {raised_by}"))?;
    for kid in revoked {
        output.line(format_args!("revoked again: key {kid}"))?;
    }
    for ring in destroyed {
        output.line(format_args!("destroyed again: ring {ring}"))?;
    }
    for subject in access_ended {
        output.line(format_args!("withdrawn again: the access tokens of {subject}"))?;
    }
    if !later_changes_known {
        output.warn(
            "the anchor was lost: what was revoked, destroyed or withdrawn later is not known here. Keys \
             and rings destroyed since may be back, and access tokens withdrawn since work again: do \
             it again",
        );
    }
    Ok(())
}
