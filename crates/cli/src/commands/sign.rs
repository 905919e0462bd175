//! `keytide sign`: claims in, a token out, with a key file or with a ring.

use std::io::IsTerminal;

use clap::{ArgGroup, Args};
use keytide_jose::jwt::{self, HeaderParams};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Limits, parse_json};
use keytide_ring::{Clock, RingName, SignRequest, Signed, Span};
use serde_json::{Map, Value, json};

use crate::args::Place;
use crate::clock::SystemClock;
use crate::commands::key::{given_algorithm, given_key_id, key_file};
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{self, Exit, Failure};
use crate::keys::{self, Key};
use crate::output::Output;
use crate::rings;
use crate::source::{Purpose, Source};

/// How long a token lives that nobody gave an end.
const DEFAULT_TTL: Span = Span::from_secs(15 * 60);

/// Sign a token with a key file, or with a ring
///
/// `iat` is now, and `exp` is 15 minutes later unless you say otherwise. A ring writes what its
/// policy binds: `iat`, `iss`, `aud`, `typ`, and the longest life.
#[derive(Args)]
#[command(
    override_usage = "keytide sign [OPTIONS] <--key FILE|--secret-file FILE --alg ALG|--ring RING>",
    group = ArgGroup::new("with").args(["key", "secret_file", "secret", "ring"]),
    after_help = "\
Examples:
  keytide sign --key key.jwk --sub alice --aud api --ttl 5m
  keytide sign --key key.jwk --claims '{\"sub\":\"alice\",\"scope\":\"read\"}'
  JWT_SECRET=$(keytide secret) keytide sign --secret-file env:JWT_SECRET --alg HS256
  keytide ring create shop.development --alg ES256
  keytide sign --ring shop.development --sub alice"
)]
pub(crate) struct SignArgs {
    /// The private key: JWK, PEM or DER
    #[arg(long, value_name = "FILE|-|env:NAME")]
    key: Option<Source>,

    /// A raw HMAC secret
    #[arg(long, value_name = "FILE|-|env:NAME", requires = "alg")]
    secret_file: Option<Source>,

    #[arg(long, hide = true)]
    secret: Option<String>,

    /// Sign with this ring's active key
    #[arg(long, value_name = "RING", conflicts_with_all = ["alg", "kid", "typ", "now", "no_exp"])]
    ring: Option<String>,

    /// The algorithm, where the key does not name it
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Option<Algorithm>,

    /// The `kid` in the header, instead of the key's own
    #[arg(long, value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: Option<KeyId>,

    /// The claims: a JSON object, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-")]
    claims: Option<String>,

    /// The claim `iss`
    #[arg(long, value_name = "ISSUER")]
    iss: Option<String>,

    /// The claim `sub`
    #[arg(long, value_name = "SUBJECT")]
    sub: Option<String>,

    /// The claim `aud`; several make an array
    #[arg(long, value_name = "AUDIENCE")]
    aud: Vec<String>,

    /// How long the token lives, such as 15m [default: 15m, or the ring's longest]
    #[arg(long, value_name = "SPAN", conflicts_with = "exp")]
    ttl: Option<Span>,

    /// The claim `exp`, in Unix seconds
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    exp: Option<i64>,

    /// A token that never ends
    #[arg(long, conflicts_with_all = ["exp", "ttl"])]
    no_exp: bool,

    /// The header's `typ`
    #[arg(long, value_name = "TYP", default_value = "JWT")]
    typ: String,

    /// A further header parameter, NAME=VALUE, the value as JSON or text
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<String>,

    /// The time to sign at, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    now: Option<i64>,

    #[command(flatten)]
    place: Place,
}

/// Signs and prints the token.
pub(crate) fn run(args: SignArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    refuse_literal_secret(args.secret.is_some())?;
    let mut claims = read_claims(&args, config)?;
    let named = [("iss", args.iss.clone()), ("sub", args.sub.clone())];
    for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        add(&mut claims, name, Value::from(value))?;
    }
    match args.aud.as_slice() {
        [] => {}
        [one] => add(&mut claims, "aud", Value::from(one.as_str()))?,
        several => add(&mut claims, "aud", json!(several))?,
    }
    if let Some(exp) = args.exp {
        add(&mut claims, "exp", exp.into())?;
    }
    let header = read_header(&args.header)?;
    if let Some(ring) = &args.ring {
        let ring: RingName = ring.parse()?;
        let rings = rings::open(&args.place, config, output)?;
        let signed = rings.sign(&ring, SignRequest { claims, ttl: args.ttl, header })?;
        return print_from_ring(&signed, output);
    }
    let key = read_key(&args, config)?;
    let now = args.now.unwrap_or_else(|| SystemClock::new().now().as_second());
    if !claims.contains_key("iat") {
        claims.insert("iat".to_owned(), now.into());
    }
    if args.ttl.is_some() && claims.contains_key("exp") {
        return Err(Failure::wrong_use("--ttl cannot stand beside the claim `exp`"));
    }
    if !claims.contains_key("exp") && !args.no_exp {
        let life = i64::try_from(args.ttl.unwrap_or(DEFAULT_TTL).as_secs()).unwrap_or(i64::MAX);
        claims.insert("exp".to_owned(), now.saturating_add(life).into());
    }
    let params = HeaderParams { typ: Some(args.typ), extra: header };
    let token = jwt::issue(&key, &params, &claims)?;
    if output.is_json() {
        output.json(&json!({ "token": token, "kid": key.key_id(), "exp": claims.get("exp") }))?;
    } else {
        print_token(&token, output)?;
    }
    Ok(Exit::Done)
}

/// Somebody who writes `--secret hunter2` is told how it is done, without the secret.
pub(crate) fn refuse_literal_secret(given: bool) -> Result<(), Failure> {
    if given {
        let message = "a secret was given on the command line, and was not used";
        return Err(Failure::new(error::SECRET_IN_ARGV, message));
    }
    Ok(())
}

fn print_from_ring(signed: &Signed, output: &Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.json(signed)?;
    } else {
        print_token(&signed.token, output)?;
    }
    Ok(Exit::Done)
}

/// A file or a pipe gets the token alone, to the byte; a terminal a line.
fn print_token(token: &str, output: &Output) -> Result<(), Failure> {
    if std::io::stdout().is_terminal() {
        output.line(token)
    } else {
        output.bytes(token.as_bytes())
    }
}

fn read_key(args: &SignArgs, config: &Config) -> Result<SigningKey, Failure> {
    let key = match (&args.key, &args.secret_file, args.alg) {
        (Some(source), _, alg) => {
            refuse_two_stdins(source, args)?;
            match keys::one(source.read(key_file("--key"), config)?.expose(), alg)? {
                Key::Private(key) => key,
                Key::Public(_) => {
                    return Err(Failure::wrong_use("the key is public, and only verifies")
                        .hint("Name the private key's file."));
                }
            }
        }
        (None, Some(source), Some(alg)) => {
            refuse_two_stdins(source, args)?;
            let secret = source.read(key_file("--secret-file"), config)?;
            SigningKey::from_secret(alg, without_final_newline(secret).expose())?
        }
        _ => {
            return Err(Failure::wrong_use("there is nothing to sign with")
                .hint("Name a key with --key or --secret-file, or a ring with --ring."));
        }
    };
    Ok(match args.kid.clone() {
        Some(kid) => key.with_key_id(kid),
        None => key,
    })
}

fn refuse_two_stdins(source: &Source, args: &SignArgs) -> Result<(), Failure> {
    if source.is_stdin() && args.claims.as_deref() == Some("-") {
        return Err(Failure::wrong_use("stdin can be the key or the claims, not both"));
    }
    Ok(())
}

fn read_claims(args: &SignArgs, config: &Config) -> Result<Map<String, Value>, Failure> {
    let Some(given) = &args.claims else { return Ok(Map::new()) };
    let purpose = Purpose { option: "--claims", limit: Limits::default().token };
    let from = match given.strip_prefix('@') {
        _ if given == "-" => Some(Source::Stdin),
        Some(path) => Some(Source::File(path.into())),
        None => None,
    };
    let bad = |why: &dyn std::fmt::Display| {
        Failure::new(error::BAD_JSON, format!("--claims is not a JSON object: {why}"))
    };
    let parsed = match from {
        Some(source) => parse_json(source.read(purpose, config)?.expose(), &Limits::default()),
        None => parse_json(given.as_bytes(), &Limits::default()),
    };
    match parsed.map_err(|error| bad(&error))? {
        Value::Object(claims) => Ok(claims),
        _ => Err(bad(&"it is another value")),
    }
}

fn read_header(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut header = Map::new();
    for parameter in given {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(Failure::wrong_use(format!("--header `{parameter}` has no `=`"))
                .hint("Write NAME=VALUE, such as --header cty=text."));
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        add(&mut header, name, value)?;
    }
    Ok(header)
}

fn add(map: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Failure> {
    if map.insert(name.to_owned(), value).is_some() {
        return Err(Failure::wrong_use(format!("`{name}` is given twice")));
    }
    Ok(())
}
