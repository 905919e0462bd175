//! `keytide ring create`: a new ring and its policy.

use clap::Args;
use keytide_jose::{Algorithm, Limits, parse_json};
use keytide_ring::{Changed, Clock, ConsumerSpec, Policy, PolicySpec, RingName};
use serde_json::Value;

use super::consumer::{given_consumer, profiles};
use super::policy::Terms;
use super::{Trying, given_name, say, told};
use crate::args::Place;
use crate::clock::SystemClock;
use crate::commands::key::given_algorithm;
use crate::config::Config;
use crate::error::{self, Failure};
use crate::output::Output;
use crate::rings;
use crate::source::{Purpose, Source};

/// Make a ring, with a key that signs and a published one to follow it
///
/// The policy says how long keys sign, how long tokens live, and who verifies them. From that the ring
/// computes how long a key must be published before it signs, and how long it must verify after it
/// stopped; a policy that cannot hold is refused.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring create billing.production --alg ES256
  keytide ring create shop.production --alg RS256 --rotate-every 30d --token-ttl 15m \\
      --consumer jose --consumer edge=20m --issuer https://id.example --audience shop
  echo '{\"algorithm\":\"EdDSA\",\"token_ttl\":\"5m\"}' | keytide ring create chat.production --policy -")]
pub(crate) struct CreateArgs {
    /// The ring: service.environment or service.environment.purpose
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The algorithm of its keys
    #[arg(long, value_name = "ALG", value_parser = given_algorithm, required_unless_present = "policy")]
    alg: Option<Algorithm>,

    /// The policy as a JSON object, as `ring show --json` prints it; other options go before it
    #[arg(long, value_name = "FILE|-|env:NAME")]
    policy: Option<Source>,

    #[command(flatten)]
    terms: Terms,

    /// Who verifies: a profile, NAME=PROFILE, or NAME=SPAN for how long it may hold a set
    #[arg(long, value_name = "SPEC", value_parser = given_consumer, long_help = profiles())]
    consumer: Vec<ConsumerSpec>,

    /// `iss` of every token
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,

    /// `typ` of every token's header [default: JWT]
    #[arg(long, value_name = "TYP")]
    typ: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

const LONGEST_POLICY: usize = 1 << 20;

/// Makes the ring and shows it.
pub(super) fn run(args: CreateArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let policy = policy(&args, config)?;
    // A policy that cannot hold must not leave a store behind.
    let checked = Policy::new(policy.clone())?;
    if args.trying.dry_run {
        return try_out(&args, policy, checked, config, output);
    }
    let rings = rings::open_or_create(&args.place, config, output)?;
    let view = rings.create(&args.name, policy)?;
    if output.is_json() {
        return output.json(&view);
    }
    output.bytes(told::ring(&view, output).as_bytes())
}

/// What would come of it. There need be no store yet.
fn try_out(
    args: &CreateArgs,
    policy: PolicySpec,
    checked: Policy,
    config: &Config,
    output: &Output,
) -> Result<(), Failure> {
    let tried = rings::open(&args.place, config, output)
        .and_then(|rings| rings.try_create(&args.name, policy));
    let changed = match tried {
        Err(failure) if failure.code == "store_not_found" => {
            Changed::to_be_made(args.name.clone(), checked, SystemClock::new().now())
        }
        tried => tried?,
    };
    if output.is_json() {
        return output.json(&changed);
    }
    let made = format!("Ring {} is made, with a key that signs and one to follow it.", args.name);
    say(&changed, &[made], output)
}

/// The policy file, if one is named, and the options over it.
fn policy(args: &CreateArgs, config: &Config) -> Result<PolicySpec, Failure> {
    let mut policy = match (&args.policy, args.alg) {
        (Some(source), alg) => read_policy(source, alg, config)?,
        (None, Some(alg)) => PolicySpec::new(alg),
        (None, None) => return Err(Failure::wrong_use("a ring needs --alg or --policy")),
    };
    args.terms.put_into(&mut policy);
    policy.issuer = args.issuer.clone().or(policy.issuer);
    if let Some(typ) = &args.typ {
        policy.typ.clone_from(typ);
    }
    if !args.consumer.is_empty() {
        policy.consumers.clone_from(&args.consumer);
    }
    Ok(policy)
}

fn read_policy(
    source: &Source,
    alg: Option<Algorithm>,
    config: &Config,
) -> Result<PolicySpec, Failure> {
    let purpose = Purpose { option: "--policy", limit: LONGEST_POLICY };
    let bad = |why: &dyn std::fmt::Display| {
        Failure::new(error::BAD_JSON, format!("--policy is not a ring's policy: {why}"))
    };
    let bytes = source.read(purpose, config)?;
    let mut json = parse_json(bytes.expose(), &Limits::default()).map_err(|error| bad(&error))?;
    // What `ring show --json` prints has the policy among other things.
    if let Some(policy) = json.get_mut("policy") {
        json = policy.take();
    }
    if let (Some(alg), Some(members)) = (alg, json.as_object_mut()) {
        members.insert("algorithm".to_owned(), Value::from(alg.as_str()));
    }
    serde_json::from_value(json).map_err(|error| bad(&error))
}
