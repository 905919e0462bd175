//! `keytide audit`: the tamper-evident log read and checked.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use clap::{Args, Subcommand};
use keytide_jose::jwk::PublicJwk;
use keytide_ring::{AuditRecord, AuditReport, EventResult, RingStore};
use keytide_store::verify_audit_export;

use crate::args::{Destination, Place, StorePlace};
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::local::{OpenStore, open_store};
use crate::new_file;
use crate::output::{Output, visible};
use crate::rings::{self, PAGE, Rings};

/// Read and check the tamper-evident log
#[derive(Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Tail(TailArgs),
    Verify(VerifyArgs),
    Export(ExportArgs),
    Key(KeyArgs),
    Checkpoint(CheckpointArgs),
}

/// Print the newest records
///
/// Each line: its place, when, who, what, in which ring, to which key, how it ended, why.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit tail
  keytide audit tail -n 100 --json")]
struct TailArgs {
    /// How many records
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 10)]
    lines: u64,

    /// Go on with new records as they come
    #[arg(long, short)]
    follow: bool,

    #[command(flatten)]
    place: Place,
}

/// Walk along the whole chain and say where it is broken, if it is
///
/// An embedded store's log is also held against every signed head, in the store and in the file of
/// checkpoints outside it. An exported log is checked with no store at all: name the key that it must
/// be signed with, or it is checked with the one that it names itself.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit verify
  keytide audit key > log.jwk && keytide audit export --out log.jsonl
  keytide audit verify --file log.jsonl --key log.jwk")]
struct VerifyArgs {
    /// Check this exported log instead
    #[arg(long, value_name = "EXPORT", conflicts_with_all = ["server", "store"])]
    file: Option<PathBuf>,

    /// The public key that the exported log must be signed with, as `audit key` prints it
    #[arg(long, value_name = "JWK", requires = "file")]
    key: Option<PathBuf>,

    #[command(flatten)]
    place: Place,
}

/// Print the embedded store's whole log as lines of JSON, each record signed
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit export | tail -n 1")]
struct ExportArgs {
    #[command(flatten)]
    to: Destination,

    #[command(flatten)]
    store: StorePlace,
}

/// Print the public half of the key that signs the embedded store's log
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit key")]
struct KeyArgs {
    #[command(flatten)]
    store: StorePlace,
}

/// Sign where the embedded store's log ends, if it grew since that was done last
///
/// The signed head is kept in the store and appended to the file of checkpoints outside its database.
/// A server does it every ten minutes, and when it stops.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit checkpoint")]
struct CheckpointArgs {
    #[command(flatten)]
    store: StorePlace,
}

/// Between two looks for new records.
const PAUSE: Duration = Duration::from_secs(1);

/// Prints or checks the log.
pub(crate) fn run(args: AuditArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Tail(TailArgs { lines, follow, place }) => {
            let rings = rings::open(&place, config, output)?;
            let length = rings.audit(0, 1)?.length;
            let mut seen = print_after(rings.as_ref(), length.saturating_sub(lines), output)?;
            if follow {
                while !output.reader_left() {
                    sleep(PAUSE);
                    seen = print_after(rings.as_ref(), seen, output)?;
                }
            }
            Ok(Exit::Done)
        }
        Verb::Verify(VerifyArgs { file: Some(file), key, .. }) => {
            let key = key.map(|path| read_key(&path)).transpose()?;
            let unreadable = |error| Failure::unreadable(&file, &error);
            let mut from = BufReader::new(File::open(&file).map_err(unreadable)?);
            tell(verify_audit_export(&mut from, key.as_ref()).map_err(unreadable)?, output)
        }
        Verb::Verify(VerifyArgs { place, .. }) => {
            tell(rings::open(&place, config, output)?.verify_audit()?, output)
        }
        Verb::Export(ExportArgs { to, store }) => {
            let OpenStore { store, .. } = open_store(&store, config, output, false)?;
            let mut log = Vec::new();
            let count = store.export_audit(&mut log)?;
            match to.out {
                Some(path) => {
                    new_file::write(&path, &log, to.force)?;
                    output.say(format_args!("{count} records are in {}", path.display()));
                }
                None => output.bytes(&log)?,
            }
            Ok(Exit::Done)
        }
        Verb::Key(KeyArgs { store }) => {
            let OpenStore { store, .. } = open_store(&store, config, output, false)?;
            output.json_line(&store.audit_key()?)?;
            Ok(Exit::Done)
        }
        Verb::Checkpoint(CheckpointArgs { store }) => {
            let OpenStore { store, .. } = open_store(&store, config, output, false)?;
            match store.sign_audit_head()? {
                Some(head) => output.json_line(&head)?,
                None => output.say("nothing is new since the last signed head"),
            }
            Ok(Exit::Done)
        }
    }
}

/// Prints everything after a place, and says up to where that was.
fn print_after(rings: &dyn Rings, after: u64, output: &Output) -> Result<u64, Failure> {
    let mut seen = after;
    loop {
        let records = rings.audit(seen, PAGE)?.records;
        for record in &records {
            if output.is_json() {
                output.json_line(record)?;
            } else {
                output.line(visible(&told(record)))?;
            }
            seen = record.seq;
        }
        if records.len() < PAGE {
            return Ok(seen);
        }
    }
}

fn told(record: &AuditRecord) -> String {
    let AuditRecord { seq, at, event, .. } = record;
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    let who = match &event.actor.from {
        Some(from) => format!("{}@{from}", event.actor.subject),
        None => event.actor.subject.clone(),
    };
    let mut line = format!("{seq:>5}  {at}  {who}  {}", event.action.as_str());
    if let Some(ring) = &event.ring {
        line.push_str(&format!("  {ring}"));
    }
    if let Some(kid) = &event.kid {
        line.push_str(&format!("  {kid}"));
    }
    if let EventResult::Refused(code) = &event.result {
        line.push_str(&format!("  refused: {code}"));
    }
    for (name, value) in &event.detail {
        line.push_str(&format!("  {name}={value}"));
    }
    if let Some(reason) = &event.reason {
        line.push_str(&format!("  {reason:?}"));
    }
    line
}

fn read_key(path: &Path) -> Result<PublicJwk, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
    Ok(PublicJwk::parse(&bytes)?)
}

fn tell(report: AuditReport, output: &Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.json(&report)?;
        return Ok(if report.broken.is_none() { Exit::Done } else { Exit::No });
    }
    let AuditReport { records, head, signed_heads, broken } = report;
    if let Some(broken) = broken {
        let message = format!("the audit log is broken at record {}: {}", broken.seq, broken.what);
        return Err(Failure::new(error::AUDIT_BROKEN, message));
    }
    let signed =
        if signed_heads == 0 { String::new() } else { format!(", {signed_heads} signed heads") };
    output.line(format_args!("the audit log holds: {records} records{signed}, head {head}"))?;
    Ok(Exit::Done)
}
