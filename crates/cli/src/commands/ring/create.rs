//! `keytide ring create`: a new ring and its policy.

use clap::Args;
use keytide_jose::{Algorithm, Limits, parse_json};
use keytide_ring::{ConsumerSpec, PROFILES, Policy, PolicySpec, RingName, Span};
use serde_json::{Value, json};

use super::{given_name, told};
use crate::args::Place;
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

    /// How long a key signs [default: 90d]
    #[arg(long, value_name = "SPAN")]
    rotate_every: Option<Span>,

    /// How long a token may live [default: 1h]
    #[arg(long, value_name = "SPAN")]
    token_ttl: Option<Span>,

    /// Publish each key for longer than the terms demand before it signs
    #[arg(long, value_name = "SPAN")]
    lead: Option<Span>,

    /// P: from a change until no node serves the older set [default: 30s]
    #[arg(long, value_name = "SPAN")]
    propagation: Option<Span>,

    /// ε: how wrong any participant's clock may be [default: 5s]
    #[arg(long, value_name = "SPAN")]
    clock_error: Option<Span>,

    /// F: how long a signer may use a key after it was told to stop [default: 10s]
    #[arg(long, value_name = "SPAN")]
    signer_lag: Option<Span>,

    /// σ: the largest leeway of any verifier [default: 60s]
    #[arg(long, value_name = "SPAN")]
    leeway: Option<Span>,

    /// How long a retired key's secret is kept [default: 7d]
    #[arg(long, value_name = "SPAN")]
    rollback_window: Option<Span>,

    /// The `max-age` of the published set [default: 300s, or less for quicker consumers]
    #[arg(long, value_name = "SPAN")]
    max_age: Option<Span>,

    /// Who verifies: a profile, NAME=PROFILE, or NAME=SPAN for how long it may hold a set
    #[arg(long, value_name = "SPEC", value_parser = given_consumer, long_help = profiles())]
    consumer: Vec<ConsumerSpec>,

    /// `iss` of every token
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,

    /// An audience that tokens may name (repeatable); the first is the default
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,

    /// `typ` of every token's header [default: JWT]
    #[arg(long, value_name = "TYP")]
    typ: Option<String>,

    /// The size of RSA keys: 2048, 3072 or 4096 [default: 2048]
    #[arg(long, value_name = "N")]
    rsa_bits: Option<u32>,

    #[command(flatten)]
    place: Place,
}

const LONGEST_POLICY: usize = 1 << 20;

/// Makes the ring and shows it.
pub(super) fn run(args: CreateArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let policy = policy(&args, config)?;
    // A policy that cannot hold must not leave a store behind.
    Policy::new(policy.clone())?;
    let rings = rings::open_or_create(&args.place, config, output)?;
    let view = rings.create(&args.name, policy)?;
    if output.is_json() {
        return output.json(&view);
    }
    output.bytes(told::ring(&view, output).as_bytes())
}

/// The policy file, if one is named, and the options over it.
fn policy(args: &CreateArgs, config: &Config) -> Result<PolicySpec, Failure> {
    let mut policy = match (&args.policy, args.alg) {
        (Some(source), alg) => read_policy(source, alg, config)?,
        (None, Some(alg)) => PolicySpec::new(alg),
        (None, None) => return Err(Failure::wrong_use("a ring needs --alg or --policy")),
    };
    let spans = [
        (&mut policy.rotate_every, args.rotate_every),
        (&mut policy.token_ttl, args.token_ttl),
        (&mut policy.propagation, args.propagation),
        (&mut policy.clock_error, args.clock_error),
        (&mut policy.signer_lag, args.signer_lag),
        (&mut policy.leeway, args.leeway),
        (&mut policy.rollback_window, args.rollback_window),
    ];
    for (term, given) in spans {
        *term = given.unwrap_or(*term);
    }
    policy.lead = args.lead.or(policy.lead);
    policy.max_age = args.max_age.or(policy.max_age);
    policy.rsa_bits = args.rsa_bits.or(policy.rsa_bits);
    policy.issuer = args.issuer.clone().or(policy.issuer);
    if let Some(typ) = &args.typ {
        policy.typ.clone_from(typ);
    }
    if !args.consumer.is_empty() {
        policy.consumers.clone_from(&args.consumer);
    }
    if !args.audience.is_empty() {
        policy.audience.clone_from(&args.audience);
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

/// `jose`, `edge=jose` or `edge=20m`.
fn given_consumer(text: &str) -> Result<ConsumerSpec, String> {
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

fn profiles() -> String {
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
