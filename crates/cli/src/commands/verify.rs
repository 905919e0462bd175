//! `keytide verify`: whether a token holds; its claims, if so.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use clap::{ArgGroup, Args};
use keytide_jose::jwt::{NumericDate, Policy};
use keytide_jose::key::KeySet;
use keytide_jose::{Algorithm, Limits, jws};
use keytide_ring::{Clock, RingName, Span, Verification, VerifyRequest};
use serde_json::{Map, Value, json};

use crate::args::Place;
use crate::clock::SystemClock;
use crate::commands::key::{given_algorithm, key_file};
use crate::commands::sign::refuse_literal_secret;
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{Exit, Failure};
use crate::http;
use crate::keys;
use crate::output::Output;
use crate::rings;
use crate::source::Source;

/// Verify a token with a key file, a key set or a ring, and print its claims
///
/// The exit status is 0 if the token holds, 1 if not. Algorithms are those that you allow or that the
/// key names, never what the token asks for. A token that names an audience is refused unless --aud
/// is one of them; `exp` and `nbf` are always checked, with no leeway unless you say so.
#[derive(Args)]
#[command(
    override_usage = "keytide verify [OPTIONS] <--key FILE|--secret-file FILE|--jwks FILE|--ring RING> <TOKEN|->",
    group = ArgGroup::new("with").args(["key", "secret_file", "secret", "jwks", "ring"]),
    after_help = "\
Examples:
  keytide sign --key key.jwk --sub alice | keytide verify --key key.jwk -
  keytide sign --key key.jwk --aud api | keytide verify --key key.jwk --aud api -
  keytide key public --format pem key.jwk --out key.pub
  keytide sign --key key.jwk | keytide verify --key key.pub --alg ES256 -
  keytide verify --jwks https://id.example/.well-known/jwks.json --aud api \"$TOKEN\""
)]
pub(crate) struct VerifyArgs {
    /// The token, or - for stdin
    #[arg(value_name = "TOKEN|-")]
    token: String,

    /// The key: JWK, JWK Set, PEM or DER
    #[arg(long, value_name = "FILE|-|env:NAME")]
    key: Option<Source>,

    /// A raw HMAC secret
    #[arg(long, value_name = "FILE|-|env:NAME")]
    secret_file: Option<Source>,

    #[arg(long, hide = true)]
    secret: Option<String>,

    /// A JWK Set, from a file or over HTTP
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,

    /// Verify with this ring's keys, against its policy
    #[arg(long, value_name = "RING",
          conflicts_with_all = ["alg", "iss", "sub", "typ", "require", "now"])]
    ring: Option<String>,

    /// An algorithm to allow (repeatable); needed unless the key names its own
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Vec<Algorithm>,

    /// The issuer to expect (repeatable: one of them)
    #[arg(long, value_name = "ISSUER")]
    iss: Vec<String>,

    /// The audience to expect (repeatable: one of them)
    #[arg(long, value_name = "AUDIENCE")]
    aud: Vec<String>,

    /// The subject to expect
    #[arg(long, value_name = "SUBJECT")]
    sub: Option<String>,

    /// The header's `typ` to expect
    #[arg(long, value_name = "TYP")]
    typ: Option<String>,

    /// How far the clocks may differ, at most 60s
    #[arg(long, value_name = "SPAN", value_parser = given_span)]
    leeway: Option<Span>,

    /// A claim that must be there (repeatable)
    #[arg(long, value_name = "NAME")]
    require: Vec<String>,

    /// The time to verify at, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    now: Option<i64>,

    /// Leave white space around the token out; otherwise it makes the token malformed
    #[arg(long)]
    trim: bool,

    #[command(flatten)]
    place: Place,
}

/// Verifies the token and prints its claims.
pub(crate) fn run(args: VerifyArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    refuse_literal_secret(args.secret.is_some())?;
    let key_from_stdin = [&args.key, &args.secret_file].into_iter().flatten().any(Source::is_stdin);
    if key_from_stdin && args.token == "-" {
        return Err(Failure::wrong_use("stdin can be the key or the token, not both"));
    }
    let Holds { claims, header, kid } = match &args.ring {
        Some(ring) => with_ring(ring, &args, config, output)?,
        None => with_keys(&args, config, output)?,
    };
    if output.is_json() {
        output.json(&json!({ "valid": true, "claims": claims, "header": header, "kid": kid }))?;
    } else {
        output.json(&claims)?;
    }
    if !claims.contains_key("exp") {
        output.warn("the token has no `exp`: it never ends; `--require exp` refuses such tokens");
    }
    Ok(Exit::Done)
}

/// A token that holds.
struct Holds {
    claims: Map<String, Value>,
    header: Map<String, Value>,
    kid: Option<String>,
}

fn with_ring(
    ring: &str,
    args: &VerifyArgs,
    config: &Config,
    output: &Output,
) -> Result<Holds, Failure> {
    let ring: RingName = ring.parse()?;
    let audience = match args.aud.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => return Err(Failure::wrong_use("a ring verifies for one audience at a time")),
    };
    let token = read_token(&args.token, args.trim)?;
    let request = VerifyRequest { token, audience, leeway: args.leeway };
    let rings = rings::open(&args.place, config, output)?;
    let Verification { claims, header, kid } = rings.verify(&ring, &request)?;
    Ok(Holds { claims, header, kid: Some(kid.to_string()) })
}

fn with_keys(args: &VerifyArgs, config: &Config, output: &Output) -> Result<Holds, Failure> {
    let policy = policy(args)?;
    let keys = read_keys(args, config, output)?;
    let token = read_token(&args.token, args.trim)?;
    let now = args.now.unwrap_or_else(|| SystemClock::new().now().as_second());
    // Whatever is wrong from here on is wrong with the token.
    let holds = || -> Result<Holds, keytide_jose::Error> {
        let verified = jws::Unverified::parse(&token, &Limits::default())?.verify_any(&keys)?;
        let header = verified.header().params().clone();
        let kid = verified.key_id().map(ToString::to_string);
        let claims = verified
            .check::<Map<String, Value>>(&policy, NumericDate::from_secs(now))?
            .into_inner();
        Ok(Holds { claims, header, kid })
    };
    holds().map_err(|error| Failure::from(error).exit(Exit::No))
}

/// What is not asked for is waived, but for `aud`: a token that names one is for somebody.
fn policy(args: &VerifyArgs) -> Result<Policy, Failure> {
    let builder = Policy::builder();
    let builder = match args.iss.as_slice() {
        [] => builder.danger().any_issuer(),
        issuers => builder.issuers(issuers),
    };
    let builder = match args.aud.as_slice() {
        [] => builder.no_audience(),
        audiences => builder.audiences(audiences),
    };
    let builder = match &args.typ {
        None => builder.danger().any_typ(),
        Some(typ) => builder.typ(typ),
    };
    let leeway = Duration::from_millis(args.leeway.unwrap_or(Span::ZERO).as_millis());
    let mut builder = builder.leeway(leeway)?.danger().allow_no_expiry();
    if let Some(subject) = &args.sub {
        builder = builder.subject(subject);
    }
    for claim in &args.require {
        builder = builder.require(claim);
    }
    Ok(builder.build())
}

fn read_keys(args: &VerifyArgs, config: &Config, output: &Output) -> Result<KeySet, Failure> {
    if let Some(source) = &args.key {
        return keys::verifying(source.read(key_file("--key"), config)?.expose(), &args.alg);
    }
    if let Some(source) = &args.secret_file {
        let secret = source.read(key_file("--secret-file"), config)?;
        return keys::verifying_secret(&without_final_newline(secret), &args.alg);
    }
    let Some(jwks) = &args.jwks else {
        return Err(Failure::wrong_use("there is nothing to verify with")
            .hint("Name a key with --key, --secret-file or --jwks, or a ring with --ring."));
    };
    let is_url = jwks.starts_with("https://") || jwks.starts_with("http://");
    let bytes = if is_url {
        http::key_set(jwks, output)?
    } else {
        // A file's name, parsed as one: stdin and variables stand with --key.
        Source::File(jwks.into()).read(key_file("--jwks"), config)?.expose().to_vec()
    };
    keys::published(&bytes, &args.alg)
}

/// A token from the command line or from stdin, to the byte unless `trim`med.
pub(crate) fn read_token(given: &str, trim: bool) -> Result<String, Failure> {
    let token = if given == "-" {
        let most = u64::try_from(Limits::default().token).unwrap_or(u64::MAX) + 2;
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::unreadable(Path::new("stdin"), &error))?;
        String::from_utf8(bytes).map_err(|_| {
            Failure::from(keytide_jose::Error::MalformedToken("it is not text")).exit(Exit::No)
        })?
    } else {
        given.to_owned()
    };
    if trim {
        return Ok(token.trim().to_owned());
    }
    if token.ends_with(['\n', '\r']) && token.trim_end().split('.').count() == 3 {
        let message = "a line's end follows the token";
        return Err(Failure::from(keytide_jose::Error::MalformedToken(message))
            .hint("Pass the token without it (`printf %s`), or say `--trim`.")
            .exit(Exit::No));
    }
    Ok(token)
}

/// Reads a span for clap; a bare number is seconds.
fn given_span(text: &str) -> Result<Span, String> {
    let text = match text.parse::<u32>() {
        Ok(secs) => format!("{secs}s"),
        Err(_) => text.to_owned(),
    };
    text.parse().map_err(|error: keytide_ring::Error| error.to_string())
}
