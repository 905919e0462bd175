//! `keytide check`: what a secret is worth, for the algorithm it is to serve.

use clap::{Args, ValueEnum};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use keytide_jose::key::VerifyingKey;
use keytide_jose::{Algorithm, Secret};
use keytide_scan::{Strength, Verdict, judge};
use serde_json::json;

use crate::commands::key::given_algorithm;
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{Exit, Failure};
use crate::output::{ERROR, HINT, Output, STRONG, WARNING};
use crate::source::{Purpose, Source};

/// Judge a secret: published, weak, short or strong, and why
///
/// The exit status is 0 for a strong secret and 1 for any other. The secret is never shown.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide secret | keytide check -
  JWT_SECRET=$(keytide secret --alg HS512) keytide check env:JWT_SECRET --alg HS512
  keytide secret --format base64 | keytide check - --encoding base64")]
pub(crate) struct CheckArgs {
    /// The secret: as text, as a JWK of the type oct, or as a line NAME=value; one line end after it is
    /// not of it
    #[arg(value_name = "FILE|-|env:NAME")]
    secret: Source,

    /// The algorithm that the secret is for: HS256, HS384 or HS512
    #[arg(long, value_name = "ALG", default_value = "HS256", value_parser = given_algorithm)]
    alg: Algorithm,

    /// What the program that uses it makes of the text
    #[arg(long, value_enum, default_value_t = Encoding::Text)]
    encoding: Encoding,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encoding {
    /// Its bytes are the key
    Text,
    /// It is decoded from base64 or base64url first
    Base64,
    /// It is decoded from hex first
    Hex,
}

/// More is no secret but a file.
const LONGEST: usize = 64 * 1024;

/// Judges it.
pub(crate) fn run(args: &CheckArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let CheckArgs { secret, alg, encoding } = args;
    if !alg.is_symmetric() {
        return Err(Failure::wrong_use(format!("{alg} has a key pair, not a secret"))
            .hint("`keytide key thumbprint` reads key files, and refuses weak ones."));
    }
    let given = secret.read(Purpose { option: "the secret", limit: LONGEST }, config)?;
    let key = key(given, *alg, *encoding)?;
    let verdict = judge(key.expose(), *alg);
    if output.is_json() {
        output.json(&json!({
            "strength": verdict.strength,
            "alg": alg,
            "bytes": verdict.bytes,
            "shape": verdict.shape,
            "bits_at_most": verdict.bits_at_most,
            "signals": verdict.signals,
            "replace_with": replacement(&verdict),
        }))?;
    } else {
        let style = match verdict.strength {
            Strength::Strong => STRONG,
            Strength::Short => WARNING,
            _ => ERROR,
        };
        let head = output.styled(style, verdict.strength);
        output.line(format_args!("{head} for {alg}"))?;
        for signal in &verdict.signals {
            output.line(format_args!("  {:<22} {}", signal.code, signal.message))?;
        }
        if let Some(command) = replacement(&verdict) {
            let hint = output.styled(HINT, "replace it:");
            output.line(format_args!("{hint} {command}"))?;
        }
    }
    Ok(if verdict.strength == Strength::Strong { Exit::Done } else { Exit::No })
}

/// The bytes that an HMAC would use.
fn key(given: Secret, alg: Algorithm, encoding: Encoding) -> Result<Secret, Failure> {
    let given = without_final_newline(given);
    if let Some(from_jwk) = oct(given.expose()) {
        return Ok(from_jwk);
    }
    let bytes = value_of_line(given.expose());
    // A key in another form is no secret, however long.
    if !bytes.is_empty() {
        VerifyingKey::from_secret_less_safe(alg, bytes)?;
    }
    let decoded = match encoding {
        Encoding::Text => return Ok(Secret::new(bytes.to_vec())),
        Encoding::Hex => HEXLOWER_PERMISSIVE.decode(bytes).ok(),
        Encoding::Base64 => {
            let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
            let bare = bytes.get(..bytes.len() - padding).unwrap_or(bytes);
            BASE64_NOPAD.decode(bare).or_else(|_| BASE64URL_NOPAD.decode(bare)).ok()
        }
    };
    decoded.map(Secret::new).ok_or_else(|| {
        Failure::wrong_use("the secret is not written in the encoding that --encoding names")
    })
}

/// The bytes of a JWK of the type `oct`, which may be weak.
fn oct(bytes: &[u8]) -> Option<Secret> {
    let jwk: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let k = jwk.get("k").filter(|_| jwk["kty"] == "oct")?.as_str()?;
    BASE64URL_NOPAD.decode(k.as_bytes()).ok().map(Secret::new)
}

/// What follows `NAME=` in a line of an environment file.
fn value_of_line(bytes: &[u8]) -> &[u8] {
    let name =
        bytes.iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_');
    let length = name.count();
    let named = length >= 3 && bytes.first().is_some_and(u8::is_ascii_uppercase);
    match bytes.get(length) {
        Some(b'=') if named && bytes.len() > length + 2 && bytes.contains(&b'_') => {
            bytes.get(length + 1..).unwrap_or(bytes)
        }
        _ => bytes,
    }
}

fn replacement(verdict: &Verdict) -> Option<String> {
    (verdict.strength != Strength::Strong)
        .then(|| format!("keytide secret --alg {} --format env >> .env", verdict.alg))
}
