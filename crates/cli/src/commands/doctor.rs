//! `keytide doctor`: the posture of all rings and of environments, each defect with the command that mends it.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;
use keytide_jose::{Algorithm, KeyId, Secret, digest};
use keytide_ring::{Clock, RingName, RingView, Span};
use keytide_scan::{
    Named, Strength, TokenLife, Verdict, judge, lives_of_tokens, secret_of_variable,
    secrets_of_environment,
};
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
/// whose secret every verifier shares or is weak, whose algorithm is about to age, and keys that two of
/// them have; in environments weak secrets and shared ones, copies of a ring's secret that nobody rotates,
/// and tokens that outlive their ring's policy. Each with the command that mends it. The exit status is 0
/// where nothing worse than a note was seen, 1 otherwise.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring create doctor.example --alg EdDSA --consumer pyjwt && keytide doctor || true
  keytide secret --format env > healthy.env && keytide doctor --env healthy.env || true")]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    place: Place,

    /// An environment file to look at too, or - for what `env` prints; may be given several times. Without
    /// a value, the environment that this runs in
    #[arg(long, value_name = "FILE|-", num_args = 0..=1, default_missing_value = "")]
    env: Vec<Environment>,
}

/// Where variables are.
#[derive(Clone)]
enum Environment {
    /// The process's own.
    Own,
    /// As text, a line each.
    Given(Source),
}

impl FromStr for Environment {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.is_empty() { Self::Own } else { Self::Given(text.parse()?) })
    }
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
    let mut views = Vec::new();
    let mut places = Places::default();
    let now = SystemClock::new().now();
    let folder = store_folder(args.place.embedded.store.as_ref(), config);
    let asked = args.place.server.is_some() || args.place.embedded.store.is_some();
    // With an environment to look at, a store need not be there.
    if args.env.is_empty() || asked || config.server.is_some() || folder.is_dir() {
        let rings = rings::open(&args.place, config, output)?;
        views = all(rings.as_ref())?;
        let mut unjudged = 0;
        for view in &views {
            ring(view, now, &mut defects);
            if view.policy.algorithm.is_symmetric() {
                let Some(secrets) = rings.secrets(&view.name)? else {
                    unjudged += 1;
                    continue;
                };
                let algorithm = view.policy.algorithm;
                secrets_of_ring(&view.name, algorithm, &secrets, &mut places, &mut defects);
            }
        }
        if unjudged > 0 {
            output.say(format_args!(
                "the secrets of {unjudged} rings are behind the server, and not judged: run it where \
                 the store is"
            ));
        }
        same_keys(&views, &mut defects);
    }
    for (number, environment) in (1..).zip(&args.env) {
        let read = Variables::read(environment, number, now, config)?;
        weak_variables(&read, &mut places, &mut defects);
        long_lived_tokens(&read, &views, &mut defects);
    }
    places.shared(&mut defects);
    defects.sort_by(|a, b| (b.weight, &a.subject, a.code).cmp(&(a.weight, &b.subject, b.code)));
    show(&defects, views.len(), args.env.len(), output)?;
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

/// Secrets that were brought from elsewhere may be weak, whatever made them.
fn secrets_of_ring(
    ring: &RingName,
    algorithm: Algorithm,
    secrets: &[(KeyId, Secret)],
    places: &mut Places,
    defects: &mut Vec<Defect>,
) {
    for (kid, secret) in secrets {
        places.add(secret, Where::Ring(ring.to_string()));
        let verdict = judge(secret.expose(), algorithm);
        if verdict.strength < Strength::Strong {
            defects.push(Defect {
                code: "weak_key",
                weight: weight_of(verdict.strength),
                subject: ring.to_string(),
                message: format!(
                    "the secret of key `{kid}` is {}. {}",
                    verdict.strength,
                    first_signal(&verdict)
                ),
                mend: format!("keytide ring rotate {ring} --when-safe"),
            });
        }
    }
}

fn weight_of(strength: Strength) -> Weight {
    if strength <= Strength::Weak { Weight::Error } else { Weight::Warning }
}

fn first_signal(verdict: &Verdict) -> &str {
    verdict.signals.first().map_or("", |signal| signal.message.as_str())
}

/// One environment, read.
struct Variables {
    /// What it is called.
    name: String,
    secrets: Vec<Named>,
    tokens: Vec<TokenLife>,
    /// Whether its lines are counted.
    has_lines: bool,
}

impl Variables {
    fn read(
        environment: &Environment,
        number: usize,
        now: Timestamp,
        config: &Config,
    ) -> Result<Self, Failure> {
        let now = now.as_second();
        let Environment::Given(source) = environment else {
            let (mut secrets, mut tokens) = (Vec::new(), Vec::new());
            for (name, value) in config.every() {
                let value = String::from_utf8_lossy(value.expose());
                tokens.extend(lives_of_tokens(&value, now));
                if let Some(secret) = secret_of_variable(&name, &value) {
                    secrets.push(Named { name, line: 0, secret });
                }
            }
            let name = "this environment".to_owned();
            return Ok(Self { name, secrets, tokens, has_lines: false });
        };
        let given = source.read(Purpose { option: "--env", limit: LARGEST_ENVIRONMENT }, config)?;
        let text = String::from_utf8_lossy(given.expose());
        let name = match source {
            Source::File(path) => path.display().to_string(),
            _ => format!("environment {number}"),
        };
        let (secrets, tokens) = (secrets_of_environment(&text), lives_of_tokens(&text, now));
        Ok(Self { name, secrets, tokens, has_lines: true })
    }

    /// "line 3: ", where there are lines.
    fn line(&self, line: usize) -> String {
        if self.has_lines { format!("line {line}: ") } else { String::new() }
    }
}

fn weak_variables(read: &Variables, places: &mut Places, defects: &mut Vec<Defect>) {
    for Named { name, line, secret } in &read.secrets {
        let subject = format!("{}: {name}", read.name);
        places.add(secret, Where::Variable(subject.clone()));
        let verdict = judge(secret.expose(), Algorithm::HS256);
        if verdict.strength < Strength::Strong {
            defects.push(Defect {
                code: "weak_secret",
                weight: weight_of(verdict.strength),
                message: format!(
                    "{}the secret is {}. {}",
                    read.line(*line),
                    verdict.strength,
                    first_signal(&verdict)
                ),
                mend: format!("keytide secret --format env --name {name}"),
                subject,
            });
        }
    }
}

/// A token in an environment is a password that cannot be changed; one that lives longer than its ring
/// allows was made by something else.
fn long_lived_tokens(read: &Variables, views: &[RingView], defects: &mut Vec<Defect>) {
    for token in read.tokens.iter().filter(|token| !token.is_over) {
        let of = |view: &&RingView| {
            view.keys.iter().any(|life| token.kid.as_deref() == Some(life.key.kid.as_str()))
        };
        let ring = views.iter().find(of);
        let limit = ring.map_or(LONG_TOKEN, |view| view.policy.token_ttl);
        let life = token.seconds.and_then(|seconds| u32::try_from(seconds).ok());
        let life = life.map(Span::from_secs);
        if life.is_some_and(|life| life <= limit) {
            continue;
        }
        let lives = life.map_or("never ends".to_owned(), |life| format!("lives {life}"));
        let line = read.line(token.line);
        let (code, weight, message, mend) = match ring {
            Some(view) => (
                "token_outlives_policy",
                Weight::Error,
                format!("{line}a token of {} {lives}, and its ring allows {limit}", view.name),
                format!("keytide ring explain {}", view.name),
            ),
            None => (
                "long_lived_token",
                Weight::Warning,
                format!("{line}a token {lives}: whoever reads it has that long"),
                "keytide sign --ring NAME --ttl 1h".to_owned(),
            ),
        };
        defects.push(Defect { code, weight, subject: read.name.clone(), message, mend });
    }
}

/// Where each secret was seen, by its digest.
#[derive(Default)]
struct Places(BTreeMap<[u8; 32], BTreeSet<Where>>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Ring(String),
    Variable(String),
}

impl Places {
    fn add(&mut self, secret: &Secret, place: Where) {
        self.0.entry(digest::sha256(secret.expose())).or_default().insert(place);
    }

    /// One secret in two places.
    fn shared(self, defects: &mut Vec<Defect>) {
        for places in self.0.into_values().filter(|places| places.len() > 1) {
            let named = |place: &Where| match place {
                Where::Ring(name) | Where::Variable(name) => name.clone(),
            };
            let subject = places.iter().map(named).collect::<Vec<_>>().join(", ");
            let rings: Vec<&String> = places
                .iter()
                .filter_map(|place| match place {
                    Where::Ring(name) => Some(name),
                    Where::Variable(_) => None,
                })
                .collect();
            defects.push(match rings.as_slice() {
                [ring] => Defect {
                    code: "copied_secret",
                    weight: Weight::Error,
                    message:
                        "the ring's secret stands in an environment, where no rotation reaches it"
                            .to_owned(),
                    mend: format!("keytide run --ring {ring} -- PROGRAM"),
                    subject,
                },
                _ => Defect {
                    code: "secret_in_two_places",
                    weight: Weight::Error,
                    message:
                        "one secret in several places: whoever has one of them can sign for all"
                            .to_owned(),
                    mend: "keytide secret --format env, once for each".to_owned(),
                    subject,
                },
            });
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn codes(defects: &[Defect]) -> Vec<(&str, &str)> {
        defects.iter().map(|defect| (defect.code, defect.subject.as_str())).collect()
    }

    #[test]
    fn a_weak_secret_in_a_ring_is_an_error_and_is_not_repeated() {
        let (ring, mut places) = ("web.production".parse().unwrap(), Places::default());
        let keys = [("one".parse().unwrap(), secret("your-256-bit-secret"))];
        let mut defects = Vec::new();
        secrets_of_ring(&ring, Algorithm::HS256, &keys, &mut places, &mut defects);
        assert_eq!(codes(&defects), [("weak_key", "web.production")]);
        assert!(
            defects[0].weight == Weight::Error && !defects[0].message.contains("256-bit-secret")
        );
    }

    #[test]
    fn a_secret_in_two_places_is_told_from_the_copy_of_a_rings() {
        let (ring, other): (RingName, RingName) =
            ("web.production".parse().unwrap(), "api.production".parse().unwrap());
        let made = |text: &str| vec![("one".parse::<KeyId>().unwrap(), secret(text))];
        let (mut places, mut defects) = (Places::default(), Vec::new());
        let text = "Zm9yLXRoaXMtdGVzdC1hbG9uZS00Mi1ieXRlcy1sb25n";
        secrets_of_ring(&ring, Algorithm::HS256, &made(text), &mut places, &mut defects);
        places.add(&secret(text), Where::Variable("a.env: JWT_SECRET".into()));
        places.add(&secret("another"), Where::Variable("a.env: A".into()));
        places.add(&secret("another"), Where::Variable("b.env: A".into()));
        // Read twice, it is still one place.
        places.add(&secret("once"), Where::Ring(other.to_string()));
        places.add(&secret("once"), Where::Ring(other.to_string()));
        defects.clear();
        places.shared(&mut defects);
        let mut found = codes(&defects);
        found.sort_unstable();
        let expected = [
            ("copied_secret", "web.production, a.env: JWT_SECRET"),
            ("secret_in_two_places", "a.env: A, b.env: A"),
        ];
        assert_eq!(found, expected);
    }
}
