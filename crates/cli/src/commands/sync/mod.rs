//! `keytide sync`: copies of rings in other places, written, read back, watched.

mod at;
mod pull;
mod status;
mod target;

use clap::{Args, Subcommand};
use keytide_ring::{RingName, TargetName};
use serde_json::{Value, json};

use super::ring::given_name;
use crate::args::Place;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::output::{Output, visible};
use crate::rings::{self, Rings};

/// Keep copies of a ring's keys elsewhere, and know that they have arrived
///
/// A target is a place that holds a copy of a ring's keys. `keytide serve` writes each change there, reads
/// it back, and counts it once both are equal; until then the ring does not switch to a key that the
/// copy lacks. Of a symmetric ring the copy holds the secrets, of any other the public keys alone.
#[derive(Args)]
pub(crate) struct SyncArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Target(target::TargetArgs),
    Push(PushArgs),
    Pull(Box<pull::PullArgs>),
    Status(status::StatusArgs),
    Watch(status::WatchArgs),
}

/// Write to targets now, and read them back
///
/// What somebody else changed is written over, whatever the target's policy is. The exit status is 0
/// if every copy is what its ring holds, and otherwise that of the first failure. With `--json` each
/// target is listed, one that failed with its `error`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync push --ring shop.production
  keytide sync push vault --ring shop.production")]
struct PushArgs {
    /// This target of the ring alone
    #[arg(value_name = "NAME", value_parser = given_target, requires = "ring")]
    name: Option<TargetName>,

    #[command(flatten)]
    which: Which,

    /// The same
    #[arg(long, value_name = "NAME", value_parser = given_target, requires = "ring", conflicts_with = "name")]
    target: Option<TargetName>,

    #[command(flatten)]
    place: Place,
}

/// Which rings.
#[derive(Args)]
struct Which {
    /// This ring alone, instead of all
    #[arg(long, value_name = "RING", value_parser = given_name)]
    ring: Option<RingName>,
}

impl Which {
    fn rings(&self, rings: &dyn Rings) -> Result<Vec<RingName>, Failure> {
        if let Some(ring) = &self.ring {
            return Ok(vec![ring.clone()]);
        }
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = rings.list(after.as_ref())?;
            all.extend(page.rings.into_iter().map(|ring| ring.name));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}

/// Reads a target's name for clap.
fn given_target(text: &str) -> Result<TargetName, String> {
    text.parse().map_err(|_| "a target is named with 1 to 40 of a-z, 0-9 and -".to_owned())
}

/// Does with copies what is asked.
pub(crate) fn run(args: SyncArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Target(args) => target::run(args, config, output),
        Verb::Push(args) => push(&args, config, output),
        Verb::Pull(args) => pull::run(&args, config, output),
        Verb::Status(args) => status::run(&args, config, output),
        Verb::Watch(args) => status::watch(&args, config, output),
    }
}

fn push(args: &PushArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let PushArgs { name, which, target, place } = args;
    let rings = rings::open(place, config, output)?;
    let mut pushed: Vec<Value> = Vec::new();
    let mut first_failure = None;
    for ring in which.rings(rings.as_ref())? {
        let names = match name.as_ref().or(target.as_ref()) {
            Some(name) => vec![name.clone()],
            None => rings.targets(&ring)?.into_iter().map(|target| target.name).collect(),
        };
        for name in names {
            match rings.push_target(&ring, &name) {
                Ok(view) if output.is_json() => pushed.push(json!(view)),
                Ok(view) => {
                    output.line(format_args!("{ring}  {name}  {}", status::told(&view)))?;
                    pushed.push(json!(view));
                }
                Err(failure) => {
                    if !output.is_json() {
                        output.say(format_args!("{ring}  {name}  {}", visible(&failure.message)));
                    }
                    pushed.push(json!({ "name": name, "ring": ring, "error": failure.to_json() }));
                    first_failure.get_or_insert(failure);
                }
            }
        }
    }
    if output.is_json() {
        output.json(&json!({ "targets": pushed }))?;
    }
    match first_failure {
        Some(failure) => Err(failure),
        None if pushed.is_empty() && !output.is_json() => {
            output.say("there are no targets; `keytide sync target add` makes one");
            Ok(Exit::Done)
        }
        None => Ok(Exit::Done),
    }
}
