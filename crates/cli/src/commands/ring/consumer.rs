//! `keytide ring consumer`: who verifies or signs with a ring's keys.

use clap::{Args, Subcommand, ValueEnum};
use keytide_ring::explain::{ConsumerView, Explanation};
use keytide_ring::{Command, ConsumerSpec, Layer, OwnConsumer, PROFILES, RingName, Role, Span};
use serde_json::json;

use super::{Trying, change, given_name, told};
use crate::args::Place;
use crate::config::Config;
use crate::error::Failure;
use crate::output::Output;
use crate::rings;

/// Declare, list and remove those who verify or sign with a ring's keys
///
/// The slowest of them sets how long a key is published before it signs. One that acknowledges tells
/// which epoch it has loaded, and is waited for until it has the next key.
#[derive(Args)]
pub(super) struct ConsumerArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Add(Box<AddArgs>),
    List(ListArgs),
    Remove(RemoveArgs),
    AssumeRestarted(AssumeArgs),
}

/// Declare a consumer
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring consumer add shop.development istio
  keytide ring consumer add shop.development edge --profile jose --layer cdn=5m
  keytide ring consumer add shop.development worker --acknowledges --role both --lease 2m")]
struct AddArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// A profile, NAME=PROFILE, NAME=SPAN, or a name of its own with the options below
    #[arg(value_name = "CONSUMER")]
    consumer: String,

    /// The profile that it behaves like
    #[arg(long, value_name = "PROFILE", long_help = profiles())]
    profile: Option<String>,

    /// For how long it may use an old set; goes before the profile's figure
    #[arg(long, value_name = "SPAN")]
    hold: Option<Span>,

    /// A cache in front of it, which adds its own hold (repeatable)
    #[arg(long, value_name = "NAME=SPAN", value_parser = given_layer)]
    layer: Vec<Layer>,

    /// It tells which epoch it has loaded, and is waited for
    #[arg(long)]
    acknowledges: bool,

    /// What it does with the keys [default: verifier; both in a symmetric ring]
    #[arg(long, value_name = "ROLE")]
    role: Option<GivenRole>,

    /// The leeway with which it reads `exp`
    #[arg(long, value_name = "SPAN")]
    leeway: Option<Span>,

    /// Whether it fetches the set again for a key that it does not know; never counted on
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    refetches: Option<bool>,

    /// How long an instance counts as live after it was heard of [default: 60s]
    #[arg(long, value_name = "SPAN")]
    lease: Option<Span>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum GivenRole {
    Verifier,
    Signer,
    Both,
}

/// List the consumers, and what each of their instances works with
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring consumer list shop.development")]
struct ListArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    #[command(flatten)]
    place: Place,
}

/// Say that a consumer is no more
///
/// Its instances are forgotten. What it needed holds until the terms before have run out.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring consumer remove shop.development istio --reason 'the mesh is gone'")]
struct RemoveArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The consumer
    #[arg(value_name = "CONSUMER")]
    consumer: String,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Answer for a consumer that was restarted and cannot say so itself
///
/// From then on it counts as working with the ring as it stands. If that is not so, it may refuse
/// tokens once the next key signs.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring consumer assume-restarted shop.development worker --reason 'restarted by hand'")]
struct AssumeArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The consumer
    #[arg(value_name = "CONSUMER")]
    consumer: String,

    /// One instance of it, instead of all
    #[arg(long, value_name = "INSTANCE")]
    instance: Option<String>,

    /// How that is known, for the audit log
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Does to consumers what is asked.
pub(super) fn run(args: ConsumerArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    match args.verb {
        Verb::Add(args) => {
            let consumer = args.declared()?;
            let AddArgs { name, trying, place, .. } = *args;
            let rings = rings::open(&place, config, output)?;
            change(rings.as_ref(), &name, Command::AddConsumer { consumer }, &trying, output)
        }
        Verb::List(ListArgs { name, place }) => {
            let explanation = rings::open(&place, config, output)?.explain(&name)?;
            list(&explanation, output)
        }
        Verb::Remove(RemoveArgs { name, consumer, reason, trying, place }) => {
            let rings = rings::open(&place, config, output)?;
            let command = Command::RemoveConsumer { name: consumer, reason };
            change(rings.as_ref(), &name, command, &trying, output)
        }
        Verb::AssumeRestarted(args) => {
            let AssumeArgs { name, consumer, instance, reason, trying, place } = args;
            let rings = rings::open(&place, config, output)?;
            let command = Command::Assume { consumer, instance, reason };
            change(rings.as_ref(), &name, command, &trying, output)
        }
    }
}

fn list(explanation: &Explanation, output: &Output) -> Result<(), Failure> {
    let consumers: &[ConsumerView] = &explanation.consumers;
    if output.is_json() {
        return output.json(&json!({ "consumers": consumers }));
    }
    if consumers.is_empty() {
        output.say("no consumer is declared, and none was heard of; `consumer add` declares one");
        return Ok(());
    }
    output.bytes(told::consumers(explanation, output).as_bytes())
}

impl AddArgs {
    fn declared(&self) -> Result<ConsumerSpec, Failure> {
        let Self { consumer, profile, hold, layer, acknowledges, role, leeway, .. } = self;
        let bad = |why: String| Failure::wrong_use(why);
        let mut own = match given_consumer(consumer) {
            Ok(ConsumerSpec::Own(own)) => own,
            Ok(ConsumerSpec::Profile(name)) => {
                OwnConsumer { profile: Some(name.clone()), ..OwnConsumer::named(name) }
            }
            Err(why) if consumer.contains('=') => {
                return Err(bad(format!("consumer `{consumer}`: {why}")));
            }
            Err(_) => OwnConsumer::named(consumer.clone()),
        };
        if let Some(profile) = profile {
            known_profile(profile).map_err(|why| bad(format!("--profile {profile}: {why}")))?;
            own.profile = Some(profile.clone());
        }
        own.hold = hold.or(own.hold);
        own.layers.clone_from(layer);
        own.acknowledges = acknowledges.then_some(true);
        own.role = role.map(|role| match role {
            GivenRole::Verifier => Role::Verifier,
            GivenRole::Signer => Role::Signer,
            GivenRole::Both => Role::Both,
        });
        own.leeway = *leeway;
        own.refetches = self.refetches;
        own.lease = self.lease;
        // As it would be written by hand.
        let plain =
            OwnConsumer { profile: Some(own.name.clone()), ..OwnConsumer::named(&own.name) };
        Ok(if own == plain { ConsumerSpec::Profile(own.name) } else { ConsumerSpec::Own(own) })
    }
}

fn given_layer(text: &str) -> Result<Layer, String> {
    let (name, hold) = text.split_once('=').ok_or("write it as NAME=SPAN, such as cdn=5m")?;
    let hold = hold.parse().map_err(|error: keytide_ring::Error| error.to_string())?;
    Ok(Layer { name: name.to_owned(), hold })
}

/// `jose`, `edge=jose` or `edge=20m`.
pub(crate) fn given_consumer(text: &str) -> Result<ConsumerSpec, String> {
    let Some((name, what)) = text.split_once('=') else {
        return known_profile(text).map(|()| ConsumerSpec::Profile(text.to_owned()));
    };
    let spec = match what.parse::<Span>() {
        Ok(hold) => json!({ "name": name, "hold": hold }),
        Err(_) => {
            known_profile(what)?;
            json!({ "name": name, "profile": what })
        }
    };
    serde_json::from_value(spec).map_err(|error| error.to_string())
}

fn known_profile(name: &str) -> Result<(), String> {
    if PROFILES.iter().any(|profile| profile.name == name) {
        return Ok(());
    }
    let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
    Err(format!("no such profile; there are {}", names.join(", ")))
}

pub(crate) fn profiles() -> String {
    let longest = PROFILES.iter().map(|profile| profile.name.len()).max().unwrap_or(0);
    let mut text = String::from(
        "Who verifies: a profile, NAME=PROFILE, or NAME=SPAN for how long it may hold a set. \
         The profiles:\n",
    );
    for profile in PROFILES {
        text.push_str(&format!("\n{:<longest$}  {}", profile.name, profile.about));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_is_a_profile_a_named_profile_or_a_named_hold() {
        let told = |text| serde_json::to_value(given_consumer(text).unwrap()).unwrap();
        assert_eq!(told("jose"), json!("jose"));
        assert_eq!(told("edge=istio"), json!({"name": "edge", "profile": "istio"}));
        assert_eq!(told("edge=20m"), json!({"name": "edge", "hold": "20m"}));
        assert!(given_consumer("nobody").unwrap_err().contains("pyjwt"));
        assert!(given_consumer("edge=soon").is_err());
    }
}
