//! The arguments as one table: parsing, help, completions, man pages and the reference are read from it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    access, audit, backup, check, completions, decode, doctor, key, man, reference, rekey, restore,
    ring, run, scan, seal, secret, serve, sign, sync, unseal, verify,
};
use crate::source::Source;

/// Generates, guards, rotates, distributes and audits the keys that sign JSON Web Tokens.
///
/// Data goes to stdout, talk to stderr. The exit status is 0 for yes or done, 1 for no (an invalid
/// token, something that the rules refuse), 2 for wrong use, 3 for a failure (a file, the store, the
/// network). Secrets are never arguments: wherever one is needed, name a FILE, `-` for stdin, or
/// `env:NAME` for an environment variable.
#[derive(Parser)]
#[command(name = "keytide", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print data and errors as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Serve(serve::ServeArgs),
    Secret(secret::SecretArgs),
    Key(key::KeyArgs),
    Sign(sign::SignArgs),
    Verify(verify::VerifyArgs),
    Decode(decode::DecodeArgs),
    Ring(ring::RingArgs),
    Run(Box<run::RunArgs>),
    Sync(sync::SyncArgs),
    Scan(scan::ScanArgs),
    Check(check::CheckArgs),
    Doctor(doctor::DoctorArgs),
    Access(access::AccessArgs),
    Audit(audit::AuditArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Seal(seal::SealArgs),
    Unseal(unseal::UnsealArgs),
    Rekey(rekey::RekeyArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    #[command(hide = true, name = "__launch")]
    Launch(run::launch::LaunchArgs),
    #[command(hide = true, name = "__guard")]
    Guard(run::guard::GuardArgs),
    #[command(hide = true)]
    Reference(reference::ReferenceArgs),
}

/// The heading of these options in the help.
const RINGS: &str = "Where the rings are";

/// Where the rings are: an embedded store, or a server.
#[derive(Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) embedded: StorePlace,

    /// Ask this Keytide server instead of an embedded store [default: KEYTIDE_SERVER]
    #[arg(long, value_name = "URL", conflicts_with_all = ["store", "master_key", "unseal", "anchor", "checkpoints"],
          help_heading = RINGS)]
    pub(crate) server: Option<String>,

    /// The access token for the server [default: KEYTIDE_TOKEN]
    #[arg(long, value_name = "FILE|-|env:NAME", help_heading = RINGS)]
    pub(crate) token_file: Option<Source>,

    /// Send the access token over plain HTTP to a server that is not on this machine
    #[arg(long, help_heading = RINGS)]
    pub(crate) insecure_http: bool,
}

/// Where the embedded store is, and what opens it.
#[derive(Args)]
pub(crate) struct StorePlace {
    /// The folder of the embedded store [default: KEYTIDE_STORE, or ./keytide-data]
    #[arg(long, value_name = "DIR", help_heading = RINGS)]
    pub(crate) store: Option<PathBuf>,

    /// The embedded store's master key: 32 bytes in hex or base64 [default: KEYTIDE_MASTER_KEY, or
    /// master.key in the store]
    #[arg(long, value_name = "FILE|-|env:NAME", help_heading = RINGS)]
    pub(crate) master_key: Option<Source>,

    /// Ask for shares of the embedded store's master key, as `keytide seal` printed them, on the
    /// terminal or from stdin, one a line
    #[arg(long, conflicts_with = "master_key", help_heading = RINGS)]
    pub(crate) unseal: bool,

    /// The embedded store's anchor, by which an older database is noticed; best on another disk
    /// [default: KEYTIDE_ANCHOR, or keytide.anchor in the store]
    #[arg(long, value_name = "FILE", help_heading = RINGS)]
    pub(crate) anchor: Option<PathBuf>,

    /// Where signed heads of the embedded store's audit log are kept outside its database
    /// [default: keytide.checkpoints beside the anchor]
    #[arg(long, value_name = "FILE", help_heading = RINGS)]
    pub(crate) checkpoints: Option<PathBuf>,
}

/// Where a new file goes.
#[derive(Args)]
pub(crate) struct Destination {
    /// Write to this new file, readable by its owner alone, instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}
