//! `keytide doctor`: the posture of all rings and of environments, each defect with the command that mends it.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use keytide_jose::{Algorithm, digest};
use keytide_ring::{Clock, RingView, Span};
use keytide_scan::{Strength, judge, secrets_of_environment};
use serde::Serialize;
use serde_json::json;

use crate::args::Place;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::output::{ERROR, FAINT, HINT, Output, STRONG, WARNING, visible};
use crate::rings::{self, Rings, store_folder};
use crate::source::{Purpose, Source};

/// Look for weaknesses in all rings, and in environments
///
/// Rings that nobody turns, that no consumer is declared for, that hardly rotate, whose tokens live long,
/// whose secret every verifier shares, whose algorithm is about to age, and keys that two of them have;
/// in environments weak secrets and shared ones. Each with the command that mends it. The exit status is
/// 0 where nothing worse than a note was seen, 1 otherwise.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring create doctor.example --alg EdDSA --consumer pyjwt && keytide doctor || true
  keytide secret --format env > healthy.env && keytide doctor --env healthy.env || true")]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    place: Place,

    /// An environment file to look at too, or - for what `env` prints; may be given several times
    #[arg(long, value_name = "FILE|-")]
    env: Vec<Source>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Weight {
    Note,
    Warning,
    Error,
}

/// One weakness.
#[derive(Serialize)]
struct Defect {
    code: &'static str,
    weight: Weight,
    /// The ring, or the variable.
    subject: String,
    message: String,
    mend: String,
}

/// A day, beyond which a stolen token is worth stealing.
const LONG_TOKEN: Span = Span::from_secs(24 * 3_600);
const SELDOM: Span = Span::from_secs(366 * 24 * 3_600);
/// A server turns its rings each second; one that is late by more is not there.
const LATE: Span = Span::from_secs(300);
const LARGEST_ENVIRONMENT: usize = 4 << 20;

/// Looks at everything and reports.
pub(crate) fn run(args: &DoctorArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let mut defects = Vec::new();
    let mut rings_seen = 0;
    let folder = store_folder(args.place.embedded.store.as_ref(), config);
    let asked = args.place.server.is_some() || args.place.embedded.store.is_some();
    // With an environment to look at, a store need not be there.
    if args.env.is_empty() || asked || config.server.is_some() || folder.is_dir() {
        let rings = rings::open(&args.place, config, output)?;
        let views = all(rings.as_ref())?;
        rings_seen = views.len();
        let now = SystemClock::new().now();
        views.iter().for_each(|view| ring(view, now, &mut defects));
        same_keys(&views, &mut defects);
    }
    environments(&args.env, config, &mut defects)?;
    defects.sort_by(|a, b| (b.weight, &a.subject, a.code).cmp(&(a.weight, &b.subject, b.code)));
    show(&defects, rings_seen, args.env.len(), output)?;
    let bad = defects.iter().any(|defect| defect.weight > Weight::Note);
    Ok(if bad { Exit::No } else { Exit::Done })
}

fn all(rings: &dyn Rings) -> Result<Vec<RingView>, Failure> {
    let mut views = Vec::new();
    let mut after = None;
    loop {
        let page = rings.list(after.as_ref())?;
        for summary in &page.rings {
            views.push(rings.show(&summary.name)?);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(views),
        }
    }
}

fn ring(view: &RingView, now: Timestamp, defects: &mut Vec<Defect>) {
    let RingView { name, policy, next_due, .. } = view;
    let mut say = |code, weight, message: String, mend: String| {
        defects.push(Defect { code, weight, subject: name.to_string(), message, mend });
    };
    let set = |option: &str| format!("keytide ring set {name} {option}");
    if policy.consumers.is_empty() {
        say(
            "no_consumers",
            Weight::Warning,
            "no consumer is declared: nobody knows how long an old key set is in use".to_owned(),
            format!("keytide ring consumer add {name} NAME --profile PROFILE"),
        );
    }
    if policy.rotate_every > SELDOM {
        say(
            "seldom_rotated",
            Weight::Warning,
            format!("a key signs for {}: a stolen one is good for as long", policy.rotate_every),
            set("--rotate-every 90d"),
        );
    }
    if Span::between(*next_due, now) > LATE {
        say(
            "overdue",
            Weight::Error,
            format!("a change was due at {next_due}, and nobody made it"),
            "keytide serve".to_owned(),
        );
    }
    if policy.token_ttl > LONG_TOKEN {
        say(
            "long_tokens",
            Weight::Warning,
            format!("tokens may live {}: a stolen one is good for as long", policy.token_ttl),
            set("--token-ttl 1h"),
        );
    }
    if policy.algorithm.is_symmetric() {
        say(
            "shared_secret",
            Weight::Warning,
            format!("{}: whoever verifies can sign", policy.algorithm),
            set("--alg ES256"),
        );
    }
    let rsa = matches!(
        policy.algorithm,
        Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512
    );
    if rsa && policy.rsa_bits.is_none_or(|bits| bits < 3_072) {
        say(
            "ageing_algorithm",
            Weight::Note,
            "RSA of less than 3,072 bits is not to be used after 2030 (NIST SP 800-57)".to_owned(),
            set("--alg ES256"),
        );
    }
}

/// The same key under two names: what is done to one is not done to the other.
fn same_keys(views: &[RingView], defects: &mut Vec<Defect>) {
    let mut of: BTreeMap<String, Vec<&RingView>> = BTreeMap::new();
    for view in views {
        for life in &view.keys {
            of.entry(life.key.kid.to_string()).or_default().push(view);
        }
    }
    for (kid, views) in of.into_iter().filter(|(_, views)| views.len() > 1) {
        let names: Vec<String> = views.iter().map(|view| view.name.to_string()).collect();
        defects.push(Defect {
            code: "key_in_two_rings",
            weight: Weight::Error,
            subject: names.join(", "),
            message: format!("the key `{kid}` is in each of them"),
            mend: format!("keytide ring revoke {} --reason 'shared key'", names[0]),
        });
    }
}

/// Weak secrets, and one secret in two places.
fn environments(
    sources: &[Source],
    config: &Config,
    defects: &mut Vec<Defect>,
) -> Result<(), Failure> {
    let mut places: BTreeMap<[u8; 32], Vec<String>> = BTreeMap::new();
    for (number, source) in (1..).zip(sources) {
        let given = source.read(Purpose { option: "--env", limit: LARGEST_ENVIRONMENT }, config)?;
        let text = String::from_utf8_lossy(given.expose());
        let file = match source {
            Source::File(path) => path.display().to_string(),
            _ => format!("environment {number}"),
        };
        for named in secrets_of_environment(&text) {
            let subject = format!("{file}: {}", named.name);
            let verdict = judge(named.secret.expose(), Algorithm::HS256);
            places.entry(digest::sha256(named.secret.expose())).or_default().push(subject.clone());
            if verdict.strength == Strength::Strong {
                continue;
            }
            let why = verdict.signals.first().map_or("", |signal| signal.message.as_str());
            defects.push(Defect {
                code: "weak_secret",
                weight: if verdict.strength <= Strength::Weak {
                    Weight::Error
                } else {
                    Weight::Warning
                },
                message: format!("line {}: the secret is {}. {why}", named.line, verdict.strength),
                mend: format!("keytide secret --format env --name {}", named.name),
                subject,
            });
        }
    }
    for subjects in places.into_values().filter(|subjects| subjects.len() > 1) {
        defects.push(Defect {
            code: "secret_in_two_places",
            weight: Weight::Error,
            message: "one secret in several places: whoever has one of them can sign for all"
                .to_owned(),
            mend: "keytide secret --format env, once for each".to_owned(),
            subject: subjects.join(", "),
        });
    }
    Ok(())
}

fn show(
    defects: &[Defect],
    rings: usize,
    environments: usize,
    output: &Output,
) -> Result<(), Failure> {
    if output.is_json() {
        return output
            .json(&json!({ "rings": rings, "environments": environments, "defects": defects }));
    }
    for Defect { code, weight, subject, message, mend } in defects {
        let (style, word) = match weight {
            Weight::Error => (ERROR, "error"),
            Weight::Warning => (WARNING, "warning"),
            Weight::Note => (FAINT, "note"),
        };
        let head = output.styled(style, format_args!("{word}[{code}]:"));
        let subject = output.styled(STRONG, visible(subject));
        output.line(format_args!("{head} {subject}: {}", visible(message)))?;
        output.line(format_args!("  {} {}", output.styled(HINT, "mend:"), visible(mend)))?;
    }
    let count = |weight| defects.iter().filter(|defect| defect.weight == weight).count();
    output.line(format_args!(
        "{} errors, {} warnings, {} notes in {rings} rings and {environments} environments",
        count(Weight::Error),
        count(Weight::Warning),
        count(Weight::Note),
    ))
}
