//! `keytide sync target`: places that hold a copy, added with their settings, tried, listed, taken away.

use clap::{Args, Subcommand, ValueEnum};
use keytide_jose::Secret;
use keytide_ring::{RingName, Span, TargetName};
use keytide_server::{NewTarget, Removal};
use keytide_sync::Drift;
use serde_json::{Map, Value, json};

use super::at::At;
use super::given_target;
use super::status;
use crate::args::Place;
use crate::commands::ring::given_name;
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::output::{Output, STRONG, visible};
use crate::rings;

/// Add, try, list and remove the places that hold copies
#[derive(Args)]
pub(super) struct TargetArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Add(Box<AddArgs>),
    List(ListArgs),
    Test(TestArgs),
    Remove(RemoveArgs),
}

/// Add a place that holds a copy of a ring's keys
///
/// The ring waits for it from now on: it switches to a new key once the copy that holds it was read
/// back equal. The settings are kept sealed, credentials included.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync target add local --ring shop.production --file shop.env
  keytide sync target add vault --ring shop.production --settings vault.json --hold 5m
  keytide sync target add vault --ring shop.production --settings vault.json --replace")]
struct AddArgs {
    /// What to call it
    #[arg(value_name = "NAME", value_parser = given_target)]
    name: TargetName,

    /// The ring
    #[arg(long, value_name = "RING", value_parser = given_name)]
    ring: RingName,

    #[command(flatten)]
    at: At,

    /// How long readers of the copy may go on with what they read: the ring waits as much longer
    #[arg(long, value_name = "DURATION")]
    hold: Option<Span>,

    /// What to do when somebody else changes the copy [default: mend]
    #[arg(long, value_name = "WHAT")]
    on_drift: Option<OnDrift>,

    /// The name of the secret that signs [default: JWT_SECRET]
    #[arg(long, value_name = "NAME")]
    name_secret: Option<String>,

    /// The name of the secret that will [default: JWT_SECRET_NEXT]
    #[arg(long, value_name = "NAME")]
    name_next: Option<String>,

    /// The name of the secret that signed before [default: JWT_SECRET_PREVIOUS]
    #[arg(long, value_name = "NAME")]
    name_previous: Option<String>,

    /// The name of the JWK Set of all keys [default: JWT_KEYS]
    #[arg(long, value_name = "NAME")]
    name_keys: Option<String>,

    /// Write over a value that Keytide did not write
    #[arg(long)]
    adopt: bool,

    /// Replace the settings of the target of this name
    #[arg(long)]
    replace: bool,

    #[command(flatten)]
    place: Place,
}

/// List a ring's targets, without credentials
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync target list --ring shop.production")]
struct ListArgs {
    /// The ring
    #[arg(long, value_name = "RING", value_parser = given_name)]
    ring: RingName,

    #[command(flatten)]
    place: Place,
}

/// Read what a target holds, and change nothing
///
/// Whether it may be written to shows when it is: `keytide sync push`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync target test local --ring shop.production")]
struct TestArgs {
    /// The target
    #[arg(value_name = "NAME", value_parser = given_target)]
    name: TargetName,

    /// The ring
    #[arg(long, value_name = "RING", value_parser = given_name)]
    ring: RingName,

    #[command(flatten)]
    place: Place,
}

/// Take a target away; the ring waits for it no more
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync target remove vault --ring shop.production
  keytide sync target remove vault --ring shop.production --delete-copy")]
struct RemoveArgs {
    /// The target
    #[arg(value_name = "NAME", value_parser = given_target)]
    name: TargetName,

    /// The ring
    #[arg(long, value_name = "RING", value_parser = given_name)]
    ring: RingName,

    /// Delete the copy too; without, it stays and grows old
    #[arg(long)]
    delete_copy: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum OnDrift {
    /// Write over it, and say so
    Mend,
    /// Say so, and leave it until somebody pushes
    Report,
}

/// Does with targets what is asked.
pub(super) fn run(args: TargetArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Add(args) => add(*args, config, output)?,
        Verb::List(ListArgs { ring, place }) => {
            let targets = rings::open(&place, config, output)?.targets(&ring)?;
            if output.is_json() {
                output.json(&json!({ "targets": targets }))?;
            } else if targets.is_empty() {
                output.say(format_args!("ring {ring} has no targets"));
            }
            for target in targets.iter().filter(|_| !output.is_json()) {
                let settings = Value::Object(target.settings.clone()).to_string();
                let name = output.styled(STRONG, &target.name);
                output.line(format_args!(
                    "{name}  {}  {}",
                    visible(&settings),
                    status::told(target)
                ))?;
            }
        }
        Verb::Test(TestArgs { name, ring, place }) => {
            let found = rings::open(&place, config, output)?.test_target(&ring, &name)?;
            if output.is_json() {
                output.json(&found)?;
            } else {
                output.line(visible(&tested(&found)))?;
            }
        }
        Verb::Remove(RemoveArgs { name, ring, delete_copy, reason, place }) => {
            let removal = Removal { delete_copy, reason };
            rings::open(&place, config, output)?.remove_target(&ring, &name, &removal)?;
            if output.is_json() {
                output.json(&json!({ "target": name, "ring": ring, "removed": true }))?;
            } else {
                let copy = if delete_copy { "and so is its copy" } else { "and its copy stays" };
                output.say(format_args!("target {name} is gone, {copy}"));
            }
        }
    }
    Ok(Exit::Done)
}

fn add(args: AddArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let (name, ring, replace) = (args.name.clone(), args.ring.clone(), args.replace);
    let settings = settings_of(&args, config)?;
    let rings = rings::open(&args.place, config, output)?;
    let before = if replace { rings.targets(&ring)? } else { Vec::new() };
    let before = before.into_iter().find(|target| target.name == name);
    let added = rings.add_target(&ring, NewTarget { name, settings, replace })?;
    if let Some(before) = before.filter(|before| !is_same_place(&before.settings, &added.settings))
    {
        let left = Value::Object(before.settings).to_string();
        output.warn(format_args!(
            "what target {} wrote before stays where it was and grows old; delete it there: {}",
            added.name,
            visible(&left)
        ));
    }
    if output.is_json() {
        return output.json(&added);
    }
    output.say(format_args!(
        "ring {ring} waits for target {} from now on; `keytide serve` keeps its copy, and `keytide \
         sync push` writes it now",
        added.name
    ));
    Ok(())
}

/// Whether two settings, but for the terms and who asks, name the same texts in the same place.
fn is_same_place(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    const NO_PLACE: &[&str] =
        &["hold", "drift", "adopt", "form", "auth", "ca", "access_key", "profile", "credentials"];
    let place = |settings: &Map<String, Value>| {
        let mut settings = settings.clone();
        settings.retain(|name, _| !NO_PLACE.contains(&name.as_str()));
        settings
    };
    place(one) == place(other)
}

fn settings_of(args: &AddArgs, config: &Config) -> Result<Secret, Failure> {
    let mut all = args.at.settings(config)?;
    if let Some(hold) = args.hold {
        all.insert("hold".to_owned(), json!(hold));
    }
    if let Some(drift) = args.on_drift {
        let drift = match drift {
            OnDrift::Mend => Drift::Mend,
            OnDrift::Report => Drift::Report,
        };
        all.insert("drift".to_owned(), json!(drift));
    }
    if args.adopt {
        all.insert("adopt".to_owned(), json!(true));
    }
    for (field, name) in [
        ("secret", &args.name_secret),
        ("next", &args.name_next),
        ("previous", &args.name_previous),
        ("keys", &args.name_keys),
    ] {
        let Some(name) = name else { continue };
        let names = all.entry("names").or_insert_with(|| json!({}));
        if let Some(names) = names.as_object_mut() {
            names.insert(field.to_owned(), json!(name));
        }
    }
    let text = serde_json::to_vec(&all).map(Secret::new);
    text.map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))
}

fn tested(found: &Value) -> String {
    let text = |name: &str| found[name].as_str().unwrap_or_default();
    let place = text("place");
    match text("holds") {
        "copy" => format!(
            "{place} can be read: it holds a copy of ring {} at epoch {}",
            text("ring"),
            found["epoch"]
        ),
        "nothing" => format!("{place} can be read: nothing is there"),
        _ => format!("{place} can be read: what is there is no copy ({})", text("why")),
    }
}
