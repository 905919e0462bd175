//! `keytide key`: key files made, shown and converted.

use std::io::IsTerminal;

use clap::{Args, Subcommand, ValueEnum};
use keytide_jose::key::{SigningKey, VerifyingKey};
use keytide_jose::{Algorithm, KeyId, Limits, Secret, SystemRng};
use serde_json::{Value, json};

use crate::args::Destination;
use crate::config::Config;
use crate::error::{self, Exit, Failure};
use crate::keys::{self, Key};
use crate::new_file;
use crate::output::Output;
use crate::source::{Purpose, Source};

/// Make, show and convert key files: JWK, PEM, DER
#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Generate(GenerateArgs),
    Public(PublicArgs),
    Thumbprint(ThumbprintArgs),
    Convert(ConvertArgs),
}

/// Make a private key (or, for HS256 and its like, a secret)
///
/// Its `kid` is the RFC 7638 thumbprint, or 128 random bits for a secret.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide key generate --alg ES256 --out key.jwk
  keytide key generate --alg RS256 --rsa-bits 3072 --format pem --out rsa.pem
  keytide key generate --alg HS256")]
struct GenerateArgs {
    /// The algorithm that the key is for
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Algorithm,

    /// The size of an RSA key: 2048, 3072 or 4096
    #[arg(long, value_name = "N", default_value = "2048")]
    rsa_bits: u32,

    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Jwk)]
    format: Format,

    /// The key's name, instead of the one that it gets by itself
    #[arg(long, value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: Option<KeyId>,

    #[command(flatten)]
    destination: Destination,
}

/// Print the public half of a key
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide key public key.jwk
  keytide key public --format pem key.jwk --out key.pub.pem")]
struct PublicArgs {
    /// The key: JWK, PEM or DER
    #[arg(value_name = "FILE|-|env:NAME")]
    key: Source,

    /// The algorithm, where the key does not name it
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Option<Algorithm>,

    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Jwk)]
    format: Format,

    /// The key's name, instead of the one that it has
    #[arg(long, value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: Option<KeyId>,

    #[command(flatten)]
    destination: Destination,
}

/// Print a key's RFC 7638 thumbprint
///
/// A secret has none: its thumbprint would be a hash of the secret.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide key thumbprint key.jwk")]
struct ThumbprintArgs {
    /// The key: JWK, PEM or DER
    #[arg(value_name = "FILE|-|env:NAME")]
    key: Source,
}

/// Write a key in another format; a private key stays private, a public one public
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide key convert --to pem key.jwk --out key.pem
  keytide key convert --to jwk --alg ES256 key.pem")]
struct ConvertArgs {
    /// The key: JWK, PEM or DER
    #[arg(value_name = "FILE|-|env:NAME")]
    key: Source,

    /// The format to write
    #[arg(long, value_enum)]
    to: Format,

    /// The algorithm for the JWK, where the key does not name it
    #[arg(long, value_name = "ALG", value_parser = given_algorithm)]
    alg: Option<Algorithm>,

    /// The key's name in the JWK, instead of the one that it has
    #[arg(long, value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: Option<KeyId>,

    #[command(flatten)]
    destination: Destination,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON Web Key (RFC 7517)
    Jwk,
    /// PEM: PKCS#8, or SubjectPublicKeyInfo for a public key
    Pem,
    /// The same as DER, in bytes
    Der,
}

/// Reads an algorithm's name for clap.
pub(crate) fn given_algorithm(name: &str) -> Result<Algorithm, String> {
    name.parse().map_err(|_| {
        let names: Vec<_> = Algorithm::ALL.iter().map(|alg| alg.as_str()).collect();
        format!("not one of {}", names.join(", "))
    })
}

/// Reads a kid for clap.
pub(crate) fn given_key_id(text: &str) -> Result<KeyId, String> {
    text.parse().map_err(|error: keytide_jose::Error| error.to_string())
}

/// What a key file is read for.
pub(crate) fn key_file(option: &'static str) -> Purpose {
    Purpose { option, limit: Limits::default().jwks }
}

/// Makes, shows or converts a key.
pub(crate) fn run(args: KeyArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Generate(args) => generate(args, output),
        Verb::Public(args) => public(args, config, output),
        Verb::Thumbprint(args) => thumbprint(&args, config, output),
        Verb::Convert(args) => convert(args, config, output),
    }
}

fn generate(args: GenerateArgs, output: &Output) -> Result<Exit, Failure> {
    let GenerateArgs { alg, rsa_bits, format, kid, destination } = args;
    let key = SigningKey::generate(alg, Some(rsa_bits), &mut SystemRng)?;
    let key = match kid {
        Some(kid) => key.with_key_id(kid),
        None => key,
    };
    put(private(&key, format)?, format, &destination, output)
}

fn public(args: PublicArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let PublicArgs { key, alg, format, kid, destination } = args;
    let key = public_half(read(&key, alg, format, config)?);
    let key = match kid {
        Some(kid) => key.with_key_id(kid),
        None => key,
    };
    put(public_text(&key, format)?, format, &destination, output)
}

fn thumbprint(args: &ThumbprintArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let bytes = args.key.read(key_file("FILE"), config)?;
    let key = public_half(keys::any(bytes.expose(), None)?);
    let jwk = key.public_jwk().ok_or_else(|| no_public(key.algorithm()))?;
    let thumbprint = jwk.thumbprint();
    if output.is_json() {
        output.json(&json!({ "thumbprint": thumbprint }))?;
    } else {
        output.line(thumbprint)?;
    }
    Ok(Exit::Done)
}

fn convert(args: ConvertArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let ConvertArgs { key, to, alg, kid, destination } = args;
    let text = match (read(&key, alg, to, config)?, kid) {
        (Key::Private(key), Some(kid)) => private(&key.with_key_id(kid), to)?,
        (Key::Private(key), None) => private(&key, to)?,
        (Key::Public(key), Some(kid)) => public_text(&key.with_key_id(kid), to)?,
        (Key::Public(key), None) => public_text(&key, to)?,
    };
    put(text, to, &destination, output)
}

/// A JWK tells its algorithm, so that must be known; the other formats do not.
fn read(
    source: &Source,
    alg: Option<Algorithm>,
    format: Format,
    config: &Config,
) -> Result<Key, Failure> {
    let bytes = source.read(key_file("FILE"), config)?;
    match format {
        Format::Jwk => keys::one(bytes.expose(), alg),
        Format::Pem | Format::Der => keys::any(bytes.expose(), alg),
    }
}

fn public_half(key: Key) -> VerifyingKey {
    match key {
        Key::Private(key) => key.verifying_key(),
        Key::Public(key) => key,
    }
}

fn private(key: &SigningKey, format: Format) -> Result<Secret, Failure> {
    if key.algorithm().is_symmetric() && format != Format::Jwk {
        return Err(Failure::wrong_use(format!(
            "a secret for {} has no such format",
            key.algorithm()
        ))
        .hint("Use the JWK, or make a raw secret with `keytide secret`."));
    }
    Ok(match format {
        Format::Jwk => key.to_private_jwk().expose_json(),
        Format::Pem => key.to_pkcs8_pem()?,
        Format::Der => key.export()?,
    })
}

fn public_text(key: &VerifyingKey, format: Format) -> Result<Secret, Failure> {
    Ok(Secret::new(match format {
        Format::Jwk => {
            let jwk = key.public_jwk().ok_or_else(|| no_public(key.algorithm()))?;
            let json = serde_json::to_vec(&jwk);
            json.map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))?
        }
        Format::Pem => key.to_spki_pem()?.into_bytes(),
        Format::Der => key.to_spki_der()?,
    }))
}

fn no_public(alg: Algorithm) -> Failure {
    keytide_jose::Error::NoPublicKey { alg }.into()
}

/// Writes the key where it shall go. Text ends in one newline.
fn put(
    key: Secret,
    format: Format,
    destination: &Destination,
    output: &Output,
) -> Result<Exit, Failure> {
    let key = match key.expose() {
        bytes if format == Format::Der || bytes.ends_with(b"\n") => key,
        bytes => Secret::new([bytes, b"\n"].concat()),
    };
    if let Some(path) = &destination.out {
        new_file::write(path, key.expose(), destination.force)?;
        output.say(format_args!("wrote {}", path.display()));
    } else if format == Format::Der && std::io::stdout().is_terminal() {
        return Err(Failure::wrong_use("DER is bytes, which a terminal cannot show")
            .hint("Write it to a file with --out."));
    } else if output.is_json() && format == Format::Pem {
        output.json(&json!({ "pem": Value::from(String::from_utf8_lossy(key.expose())) }))?;
    } else {
        output.bytes(key.expose())?;
    }
    Ok(Exit::Done)
}
