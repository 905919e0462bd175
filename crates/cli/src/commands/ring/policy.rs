//! `keytide ring set`: a ring's policy changed, and the terms of a policy as options.

use clap::Args;
use keytide_jose::Algorithm;
use keytide_ring::{Command, PolicySpec, RingName, Span};
use serde_json::{Map, Value, json};

use super::{Trying, change, given_name};
use crate::args::Place;
use crate::commands::key::given_algorithm;
use crate::config::Config;
use crate::error::Failure;
use crate::output::Output;
use crate::rings;

/// Change a ring's policy
///
/// What is not named stays as it is. Nothing gets less safe by a change: as long as somebody may go by
/// the terms before, the longer ones hold. A new algorithm is that of a new published key, which signs
/// as soon as that is safe; both verify meanwhile. Who verifies is changed by `keytide ring consumer`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring set shop.development --token-ttl 15m --rotate-every 30d
  keytide ring set shop.development --alg EdDSA --reason 'smaller tokens' --dry-run
  keytide ring set shop.development --default max_age")]
pub(super) struct SetArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The algorithm of new keys
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Option<Algorithm>,

    #[command(flatten)]
    terms: Terms,

    /// Give this field of the policy its default again (repeatable), such as `lead` or `max_age`
    #[arg(long, value_name = "FIELD")]
    default: Vec<String>,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// The terms of a policy.
#[derive(Args)]
pub(crate) struct Terms {
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

    /// An audience that tokens may name (repeatable); the first is the default
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,

    /// The size of RSA keys: 2048, 3072 or 4096 [default: 2048]
    #[arg(long, value_name = "N")]
    rsa_bits: Option<u32>,
}

impl Terms {
    /// Writes what was given over what `policy` says.
    pub(crate) fn put_into(&self, policy: &mut PolicySpec) {
        let spans = [
            (&mut policy.rotate_every, self.rotate_every),
            (&mut policy.token_ttl, self.token_ttl),
            (&mut policy.propagation, self.propagation),
            (&mut policy.clock_error, self.clock_error),
            (&mut policy.signer_lag, self.signer_lag),
            (&mut policy.leeway, self.leeway),
            (&mut policy.rollback_window, self.rollback_window),
        ];
        for (term, given) in spans {
            *term = given.unwrap_or(*term);
        }
        policy.lead = self.lead.or(policy.lead);
        policy.max_age = self.max_age.or(policy.max_age);
        policy.rsa_bits = self.rsa_bits.or(policy.rsa_bits);
        if !self.audience.is_empty() {
            policy.audience.clone_from(&self.audience);
        }
    }

    /// What was given, by the names of the policy's fields.
    fn given(&self) -> Map<String, Value> {
        let Self {
            rotate_every,
            token_ttl,
            lead,
            propagation,
            clock_error,
            signer_lag,
            leeway,
            rollback_window,
            max_age,
            audience,
            rsa_bits,
        } = self;
        let mut given = Map::new();
        for (field, span) in [
            ("rotate_every", rotate_every),
            ("token_ttl", token_ttl),
            ("lead", lead),
            ("propagation", propagation),
            ("clock_error", clock_error),
            ("signer_lag", signer_lag),
            ("leeway", leeway),
            ("rollback_window", rollback_window),
            ("max_age", max_age),
        ] {
            given.extend(span.map(|span| (field.to_owned(), json!(span))));
        }
        given.extend(rsa_bits.map(|bits| ("rsa_bits".to_owned(), json!(bits))));
        if !audience.is_empty() {
            given.insert("audience".to_owned(), json!(audience));
        }
        given
    }
}

/// Changes the policy and says which fields changed.
pub(super) fn run(args: SetArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let SetArgs { name, alg, terms, default, reason, trying, place } = args;
    let mut patch = terms.given();
    patch.extend(alg.map(|alg| ("algorithm".to_owned(), json!(alg))));
    for field in default {
        let field = field.replace('-', "_");
        if patch.insert(field.clone(), Value::Null).is_some() {
            let message = format!("--default {field} cannot stand beside a value for it");
            return Err(Failure::wrong_use(message));
        }
    }
    if patch.is_empty() {
        return Err(Failure::wrong_use("there is nothing to change")
            .hint("Name a term, such as `--rotate-every 30d`; `--help` lists them."));
    }
    let rings = rings::open(&place, config, output)?;
    change(rings.as_ref(), &name, Command::Change { patch, reason }, &trying, output)
}
