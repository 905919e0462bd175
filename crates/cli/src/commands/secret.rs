//! `keytide secret`: a strong random secret in the form that is needed.

use clap::{Args, ValueEnum};
use keytide_jose::key::SigningKey;
use keytide_jose::{Algorithm, KeyId, Rng, Secret, SystemRng};
use serde_json::json;

use crate::args::Destination;
use crate::commands::key::given_algorithm;
use crate::encoding;
use crate::error::{Exit, Failure};
use crate::new_file;
use crate::output::Output;

/// Print a strong random secret
///
/// The bytes come from the system's generator. By default there are as many as the algorithm's hash
/// has (RFC 7518 §3.2): 32 for HS256, 48 for HS384, 64 for HS512.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide secret
  keytide secret --alg HS512 --format hex
  keytide secret --format env >> .env
  keytide secret --format jwk --out secret.jwk")]
pub(crate) struct SecretArgs {
    /// How many random bytes; never fewer than the algorithm's hash has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=1024))]
    bytes: Option<u16>,

    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Base64url)]
    format: Format,

    /// The algorithm that the secret is for: HS256, HS384 or HS512
    #[arg(long, value_name = "ALG", default_value = "HS256", value_parser = given_algorithm)]
    alg: Algorithm,

    /// The variable's name in an `env` line
    #[arg(long, value_name = "NAME", default_value = "JWT_SECRET")]
    name: String,

    #[command(flatten)]
    destination: Destination,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// base64url without padding
    Base64url,
    /// Lowercase hex
    Hex,
    /// base64 with padding
    Base64,
    /// NAME=base64url, a line for an environment file
    Env,
    /// A JWK of the type `oct`, with a random `kid`
    Jwk,
}

/// Makes and prints the secret.
pub(crate) fn run(args: &SecretArgs, output: &Output) -> Result<Exit, Failure> {
    let SecretArgs { bytes, format, alg, name, destination } = args;
    let Some(least) = alg.min_secret_len() else {
        return Err(Failure::wrong_use(format!("{alg} has a key pair, not a secret"))
            .hint("Make one with `keytide key generate`."));
    };
    let count = bytes.map_or(least, usize::from);
    if count < least {
        return Err(Failure::wrong_use(format!("{count} bytes are too few: {alg} needs {least}"))
            .hint("Leave --bytes out: the default is what RFC 7518 §3.2 demands."));
    }
    if *format == Format::Env && !is_variable(name) {
        return Err(Failure::wrong_use(format!("`{name}` is no variable's name"))
            .hint("Letters, digits and underscores, not beginning with a digit."));
    }
    let mut random = vec![0; count];
    SystemRng.fill(&mut random)?;
    let secret = Secret::new(random);
    let text = write(&secret, *format, *alg, name)?;
    if let Some(path) = &destination.out {
        new_file::write(path, &[text.expose(), b"\n"].concat(), destination.force)?;
        output.say(format_args!("wrote {}", path.display()));
    } else if output.is_json() {
        let shown = String::from_utf8_lossy(text.expose());
        output.json(&json!({ "secret": shown, "bytes": count, "alg": alg }))?;
    } else {
        output.bytes(&[text.expose(), b"\n"].concat())?;
    }
    Ok(Exit::Done)
}

fn write(secret: &Secret, format: Format, alg: Algorithm, name: &str) -> Result<Secret, Failure> {
    let bytes = secret.expose();
    Ok(Secret::new(match format {
        Format::Base64url => encoding::base64url(bytes).into_bytes(),
        Format::Hex => encoding::hex(bytes).into_bytes(),
        Format::Base64 => encoding::base64(bytes).into_bytes(),
        Format::Env => format!("{name}={}", encoding::base64url(bytes)).into_bytes(),
        Format::Jwk => {
            let key = SigningKey::from_secret(alg, bytes)?;
            let key = key.with_key_id(KeyId::random(&mut SystemRng)?);
            return Ok(key.to_private_jwk().expose_json());
        }
    }))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
