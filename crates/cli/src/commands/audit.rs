//! `keytide audit`: the tamper-evident log read and checked.

use std::thread::sleep;
use std::time::Duration;

use clap::{Args, Subcommand};
use keytide_ring::{AuditRecord, AuditReport, EventResult};

use crate::args::Place;
use crate::config::Config;
use crate::error::{self, Exit, Failure};
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
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide audit verify")]
struct VerifyArgs {
    #[command(flatten)]
    place: Place,
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
        Verb::Verify(VerifyArgs { place }) => {
            verify(rings::open(&place, config, output)?.as_ref(), output)
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

fn verify(rings: &dyn Rings, output: &Output) -> Result<Exit, Failure> {
    let report = rings.verify_audit()?;
    if output.is_json() {
        output.json(&report)?;
        return Ok(if report.broken.is_none() { Exit::Done } else { Exit::No });
    }
    let AuditReport { records, head, broken } = report;
    if let Some(broken) = broken {
        let message = format!("the audit log is broken at record {}: {}", broken.seq, broken.what);
        return Err(Failure::new(error::AUDIT_BROKEN, message));
    }
    output.line(format_args!("the audit log holds: {records} records, head {head}"))?;
    Ok(Exit::Done)
}
