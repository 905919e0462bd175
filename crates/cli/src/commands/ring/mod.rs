//! `keytide ring`: rings made, shown, rotated, revoked, explained, drawn and destroyed.

mod create;
mod told;

use clap::{Args, Subcommand};
use keytide_jose::KeyId;
use keytide_ring::{Clock, RingName, RingSummary};
use serde_json::json;

use crate::args::Place;
use crate::clock::SystemClock;
use crate::commands::key::given_key_id;
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::output::{Output, visible};
use crate::rings::{self, Rings, Switch};
use crate::timeline::{self, Canvas};

/// Make, show, rotate, revoke, explain and destroy rings
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
    Rotate(RotateArgs),
    Activate(ActivateArgs),
    Revoke(RevokeArgs),
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

/// Make the published key sign, if that is safe
///
/// Before every verifier can know the next key, the switch is refused, with the time from which it is
/// safe. --force switches all the same: tokens may then be refused until the verifiers catch up.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring rotate shop.development --force --reason 'trying it out'")]
struct RotateArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    #[command(flatten)]
    forced: Forced,

    #[command(flatten)]
    place: Place,
}

/// Make a certain key sign, if it is the published one and that is safe
///
/// Nothing changes if it signs already, so that a repeated command does no harm.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KID=$(keytide ring show shop.development | sed -n 's/^  active *\\([^ ]*\\).*/\\1/p')
  keytide ring activate shop.development \"$KID\"")]
struct ActivateArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The key
    #[arg(value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: KeyId,

    #[command(flatten)]
    forced: Forced,

    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Forced {
    /// Switch even before it is safe
    #[arg(long, requires = "reason")]
    force: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Trust a key no more; if it signs, the published key signs at once
///
/// Prints until when verifiers that hold an older set may still trust the key.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KID=$(keytide ring show shop.development | sed -n 's/^  active *\\([^ ]*\\).*/\\1/p')
  keytide ring revoke shop.development \"$KID\" --reason 'laptop stolen'")]
struct RevokeArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The key
    #[arg(value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: KeyId,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

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
  COLUMNS=120 keytide ring timeline shop.development --all --ascii")]
struct TimelineArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// Every key, instead of the ten newest
    #[arg(long)]
    all: bool,

    /// Draw with ASCII characters alone
    #[arg(long)]
    ascii: bool,

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
        Verb::Rotate(RotateArgs { name, forced, place }) => {
            switch(&name, None, forced, &place, config, output)?;
        }
        Verb::Activate(ActivateArgs { name, kid, forced, place }) => {
            switch(&name, Some(kid), forced, &place, config, output)?;
        }
        Verb::Revoke(RevokeArgs { name, kid, reason, place }) => {
            let changed = rings::open(&place, config, output)?.revoke(&name, kid, reason)?;
            if output.is_json() {
                output.json(&changed)?;
            } else {
                output.bytes(told::change(&changed, SystemClock::new().now()).as_bytes())?;
            }
        }
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

fn switch(
    name: &RingName,
    kid: Option<KeyId>,
    forced: Forced,
    place: &Place,
    config: &Config,
    output: &Output,
) -> Result<(), Failure> {
    let Forced { force, reason } = forced;
    let rings = rings::open(place, config, output)?;
    let changed = rings.activate(name, Switch { kid, force, reason })?;
    if output.is_json() {
        return output.json(&changed);
    }
    output.bytes(told::change(&changed, SystemClock::new().now()).as_bytes())
}

fn draw(args: &TimelineArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let TimelineArgs { name, all, ascii, place } = args;
    let explanation = rings::open(place, config, output)?.explain(name)?;
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
    let DestroyArgs { name, yes, reason, place } = args;
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
