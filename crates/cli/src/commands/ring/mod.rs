//! `keytide ring`: rings made, shown, changed, explained, drawn and destroyed.

mod consumer;
mod create;
mod key;
mod policy;
mod told;
mod webhook;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keytide_ring::{Changed, Clock, Command, RingName, RingSummary};
use serde_json::json;

pub(crate) use consumer::{given_consumer, profiles};
pub(crate) use policy::Terms;

use crate::args::Place;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::new_file;
use crate::output::{Output, visible};
use crate::rings::{self, Doing, Rings};
use crate::timeline::{self, Canvas};

/// Make, show, rotate, change, explain and destroy rings
///
/// A ring is the line of keys of one service in one environment, named `service.environment` or
/// `service.environment.purpose`. It always has one key that signs and a published one to follow it.
#[derive(Args)]
pub(crate) struct RingArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Create(Box<create::CreateArgs>),
    List(ListArgs),
    Show(ShowArgs),
    Rotate(key::RotateArgs),
    Activate(key::ActivateArgs),
    Rollback(key::RollbackArgs),
    Revoke(key::RevokeArgs),
    DestroyKey(key::DestroyKeyArgs),
    Set(Box<policy::SetArgs>),
    Consumer(consumer::ConsumerArgs),
    Webhook(webhook::WebhookArgs),
    Explain(ExplainArgs),
    Timeline(TimelineArgs),
    Destroy(DestroyArgs),
}

/// List the rings
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring list
  keytide ring list --json")]
struct ListArgs {
    #[command(flatten)]
    place: Place,
}

/// Show a ring: its policy and its keys, without secrets
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring show shop.development")]
struct ShowArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    #[command(flatten)]
    place: Place,
}

/// Say what a ring will do next, when, and why not now
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring explain shop.development")]
struct ExplainArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    #[command(flatten)]
    place: Place,
}

/// Draw the lives of a ring's keys
///
/// One row for each key, from its publication on: what was stands left of the line of now, what is
/// planned right of it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring timeline shop.development
  COLUMNS=120 keytide ring timeline shop.development --all --ascii
  keytide ring timeline shop.development --svg shop.svg")]
struct TimelineArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// Every key, instead of the ten newest
    #[arg(long)]
    all: bool,

    /// Draw with ASCII characters alone
    #[arg(long, conflicts_with = "svg")]
    ascii: bool,

    /// Write the picture to this new file as SVG, or to stdout where it is `-`
    #[arg(long, value_name = "FILE|-")]
    svg: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long, requires = "svg")]
    force: bool,

    #[command(flatten)]
    place: Place,
}

/// Destroy a ring and all of its secrets, at once and for good
///
/// Every token that its keys signed is worthless from then on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring destroy shop.development --yes --reason 'the shop is closed'")]
struct DestroyArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// Really
    #[arg(long)]
    yes: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Reads a ring's name for clap.
pub(crate) fn given_name(text: &str) -> Result<RingName, String> {
    text.parse().map_err(|_| {
        "a ring is named service.environment or service.environment.purpose, each part 1 to 63 of \
         a-z, 0-9 and -"
            .to_owned()
    })
}

/// Does to rings what is asked.
pub(crate) fn run(args: RingArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Create(args) => create::run(*args, config, output)?,
        Verb::List(args) => list(rings::open(&args.place, config, output)?.as_ref(), output)?,
        Verb::Show(ShowArgs { name, place }) => {
            let view = rings::open(&place, config, output)?.show(&name)?;
            if output.is_json() {
                output.json(&view)?;
            } else {
                output.bytes(told::ring(&view, output).as_bytes())?;
            }
        }
        Verb::Rotate(args) => key::rotate(args, config, output)?,
        Verb::Activate(args) => key::activate(args, config, output)?,
        Verb::Rollback(args) => key::roll_back(args, config, output)?,
        Verb::Revoke(args) => key::revoke(args, config, output)?,
        Verb::DestroyKey(args) => key::destroy(args, config, output)?,
        Verb::Set(args) => policy::run(*args, config, output)?,
        Verb::Consumer(args) => consumer::run(args, config, output)?,
        Verb::Webhook(args) => webhook::run(args, config, output)?,
        Verb::Explain(ExplainArgs { name, place }) => {
            let explanation = rings::open(&place, config, output)?.explain(&name)?;
            if output.is_json() {
                output.json(&explanation)?;
            } else {
                for sentence in &explanation.sentences {
                    output.line(visible(sentence))?;
                }
            }
        }
        Verb::Timeline(args) => draw(&args, config, output)?,
        Verb::Destroy(args) => destroy(&args, config, output)?,
    }
    Ok(Exit::Done)
}

fn list(rings: &dyn Rings, output: &Output) -> Result<(), Failure> {
    let mut all: Vec<RingSummary> = Vec::new();
    let mut after = None;
    loop {
        let page = rings.list(after.as_ref())?;
        all.extend(page.rings);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    if output.is_json() {
        return output.json(&json!({ "rings": all }));
    }
    if all.is_empty() {
        output.say("there are no rings; `keytide ring create` makes one");
        return Ok(());
    }
    output.bytes(told::list(&all, output).as_bytes())
}

/// Says what a command would do, instead of doing it.
#[derive(Args)]
struct Trying {
    /// Say what would happen, and what the ring would do from then on; change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Trying {
    fn doing(&self) -> Doing {
        if self.dry_run { Doing::DryRun } else { Doing::Really }
    }
}

/// Does a command, or tries it, and says what it did.
fn change(
    rings: &dyn Rings,
    name: &RingName,
    command: Command,
    trying: &Trying,
    output: &Output,
) -> Result<(), Failure> {
    let changed = rings.change(name, command.clone(), trying.doing())?;
    if output.is_json() {
        return output.json(&changed);
    }
    say(&changed, &told::change(&changed, &command, SystemClock::new().now()), output)
}

/// What was done, or what would have been.
fn say(changed: &Changed, sentences: &[String], output: &Output) -> Result<(), Failure> {
    if changed.dry_run {
        output.line("Nothing was changed. Done now, the command would come to this:")?;
    }
    for sentence in sentences {
        output.line(visible(sentence))?;
    }
    if let Some(explanation) = &changed.explain {
        output.line("\nThe ring from then on:")?;
        for sentence in &explanation.sentences {
            output.line(visible(sentence))?;
        }
    }
    Ok(())
}

fn draw(args: &TimelineArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let TimelineArgs { name, all, ascii, svg, force, place } = args;
    let explanation = rings::open(place, config, output)?.explain(name)?;
    if let Some(file) = svg {
        let picture = timeline::picture(&explanation, *all);
        if file.as_os_str() == "-" {
            return output.bytes(picture.as_bytes());
        }
        return new_file::write(file, picture.as_bytes(), *force);
    }
    if output.is_json() {
        return output.json(&timeline::timeline(&explanation, *all));
    }
    let canvas = Canvas {
        columns: output.columns(),
        colour: output.is_coloured(),
        ascii: *ascii,
        all: *all,
    };
    output.bytes(timeline::draw(&explanation, canvas).as_bytes())
}

fn destroy(args: &DestroyArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let DestroyArgs { name, yes, reason, trying, place } = args;
    if trying.dry_run {
        let changed = rings::open(place, config, output)?.try_destroy(name)?;
        if output.is_json() {
            return output.json(&changed);
        }
        let gone = format!("Ring {name} would be gone, and every token that it signed worthless.");
        return say(&changed, &[gone, told::destroyed(&changed.outcome.destroyed)], output);
    }
    if !yes {
        let message = format!("ring `{name}` and all of its secrets would be gone for good");
        return Err(Failure::new(error::CONFIRMATION_NEEDED, message));
    }
    rings::open(place, config, output)?.destroy(name, reason.as_deref())?;
    if output.is_json() {
        return output.json(&json!({ "ring": name, "destroyed": true }));
    }
    output.say(format_args!("ring `{name}` is destroyed"));
    Ok(())
}
