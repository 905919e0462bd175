//! `keytide sync pull`: a secret that stands in another place already becomes the first key of a ring.

use std::sync::Arc;

use clap::Args;
use keytide_jose::{Algorithm, Secret};
use keytide_ring::{ConsumerSpec, Policy, PolicySpec, RingName};
use keytide_scan::{Strength, judge};
use keytide_sync::{Content, Names, Surroundings, ThisProcess};
use serde_json::json;

use super::at::At;
use crate::args::Place;
use crate::commands::key::given_algorithm;
use crate::commands::ring::{Terms, given_consumer, given_name, profiles};
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::output::Output;
use crate::remote;
use crate::rings;
use crate::sync::Settings;
use crate::wait::wait;

/// Make a ring of a secret that a secret manager or a file holds already
///
/// Programs that sign with the secret go on as they are: it is the new ring's active key, and a key of
/// the ring's own follows it as soon as every declared consumer has that. Nothing is written to the
/// place; `sync target add --adopt` has it kept up from then on. A weak secret is refused: whoever
/// guesses it forges tokens, whichever ring it is in.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide secret --format env > legacy.env
  keytide sync pull legacy.test --file legacy.env --consumer environment
  keytide sync target add legacy --ring legacy.test --file legacy.env --adopt
  keytide sync push --ring legacy.test")]
pub(super) struct PullArgs {
    /// The ring to make: service.environment or service.environment.purpose
    #[arg(value_name = "RING", value_parser = given_name)]
    ring: RingName,

    /// The algorithm that the secret signs with
    #[arg(long, value_name = "ALG", value_parser = given_algorithm, default_value = "HS256")]
    alg: Algorithm,

    #[command(flatten)]
    at: At,

    /// The name under which the secret stands there; the place's only text is taken whatever its name
    #[arg(long, value_name = "NAME", default_value = "JWT_SECRET")]
    name_secret: String,

    #[command(flatten)]
    terms: Terms,

    /// Who verifies: a profile, NAME=PROFILE, or NAME=SPAN for how long it may hold a set
    #[arg(long, value_name = "SPEC", value_parser = given_consumer, long_help = profiles())]
    consumer: Vec<ConsumerSpec>,

    #[command(flatten)]
    place: Place,
}

/// Reads the secret, judges it, and makes the ring.
pub(super) fn run(args: &PullArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    if !args.alg.is_symmetric() {
        let message = format!("{} has a key pair, not a secret", args.alg);
        return Err(Failure::wrong_use(message).hint("Say which HMAC signs with it: --alg HS256."));
    }
    if rings::is_behind_server(&args.place, config) {
        return Err(remote::not_over_the_network());
    }
    let mut policy = PolicySpec::new(args.alg);
    args.terms.put_into(&mut policy);
    policy.consumers.clone_from(&args.consumer);
    // A policy that cannot hold must not leave a store behind.
    Policy::new(policy.clone())?;
    let (secret, place) = read(args, config)?;
    let verdict = judge(secret.expose(), args.alg);
    if verdict.strength < Strength::Strong {
        let why = verdict.signals.first().map_or("", |signal| signal.message.as_str());
        let message = format!("{place}: the secret is {}. {why}", verdict.strength);
        return Err(Failure::new(error::WEAK_SECRET, message));
    }
    let view =
        rings::open_or_create(&args.place, config, output)?.adopt(&args.ring, policy, &secret)?;
    if output.is_json() {
        output.json(&view)?;
    } else {
        output.say(format_args!(
            "ring {} signs with the secret of {place}; `keytide sync target add NAME --ring {} --adopt \
             …` has that place kept up, and `keytide ring explain {}` says when a key of its own follows",
            args.ring, args.ring, args.ring
        ));
    }
    Ok(Exit::Done)
}

/// The secret, and where it was found.
fn read(args: &PullArgs, config: &Config) -> Result<(Secret, String), Failure> {
    let mut settings = args.at.settings(config)?;
    // Of a file with many lines only the names that were asked for are read.
    let names = settings.entry("names").or_insert_with(|| json!({}));
    if let Some(names) = names.as_object_mut() {
        names.insert("secret".to_owned(), json!(args.name_secret));
    }
    let names: Names = serde_json::from_value(names.clone()).unwrap_or_default();
    let settings = serde_json::to_vec(&settings).map(Secret::new);
    let settings = settings.map_err(|error| Failure::unexpected(&error))?;
    let around: Arc<dyn Surroundings> = Arc::new(ThisProcess::default());
    let target = Settings::read(&settings, &around)?.target;
    let place = target.place();
    let nothing = |why: String| Failure::new(error::NOTHING_TO_PULL, format!("{place}: {why}"));
    let held = wait(target.read()).map_err(|error| Failure::unexpected(&error))??;
    let name = &args.name_secret;
    let (texts, why) = match held.map(|held| held.content) {
        None => return Err(nothing(format!("it has no text of the name {name}"))),
        Some(Content::Ours(copy)) => {
            return Err(nothing(format!("it is the copy of ring {} already", copy.ring())));
        }
        Some(Content::Foreign { texts, why }) => (texts, why),
    };
    // What stands under another of the names is another text than the one that signs.
    let mut others = texts.iter().filter(|(name, _)| !names.all().contains(&name.as_str()));
    let only = others.next().map(|(_, text)| text).filter(|_| texts.len() == 1);
    let Some(secret) = texts.get(name).or(only) else {
        let why = format!("it has no text of the name {name} that can be taken: {why}");
        return Err(nothing(why).hint(
            "Write it there as the message says, or say with `--name-secret` under which name the \
             secret stands. Nothing was changed.",
        ));
    };
    Ok((secret.duplicate(), place))
}
