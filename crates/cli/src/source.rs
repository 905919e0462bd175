//! Where bytes come from that must not stand on a command line: a file, stdin, or a named variable.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use keytide_jose::Secret;

use crate::config::Config;
use crate::error::{self, Exit, Failure};

/// `FILE`, `-` or `env:NAME`. Not printable: it may be a secret that somebody typed by mistake.
#[derive(Clone)]
pub(crate) enum Source {
    Stdin,
    Variable(String),
    File(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix("env:") {
            _ if text == "-" => Self::Stdin,
            Some(name) => Self::Variable(name.to_owned()),
            None => Self::File(PathBuf::from(text)),
        })
    }
}

/// What a source is read for: the option's name for messages, and the most bytes it may give.
#[derive(Clone, Copy)]
pub(crate) struct Purpose {
    pub(crate) option: &'static str,
    pub(crate) limit: usize,
}

impl Source {
    /// Whether it reads stdin, which can be read once.
    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self, Self::Stdin)
    }

    /// The variable that it reads, if it is one.
    pub(crate) fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable(name) => Some(name),
            Self::Stdin | Self::File(_) => None,
        }
    }

    /// Whether it reads this very file, by whatever name, through a link or as stdin.
    pub(crate) fn reads(&self, path: &Path) -> bool {
        let own = match self {
            Self::Variable(_) => return false,
            Self::Stdin => Path::new("/dev/stdin"),
            Self::File(own) => own,
        };
        let number = |path| fs::metadata(path).map(|facts| (facts.dev(), facts.ino())).ok();
        number(own).is_some_and(|own| number(path) == Some(own))
    }

    /// Reads it whole.
    ///
    /// # Errors
    /// When it cannot be read or is larger than its purpose allows. A value that may itself be the
    /// secret is not repeated in the message.
    pub(crate) fn read(&self, purpose: Purpose, config: &Config) -> Result<Secret, Failure> {
        let Purpose { option, limit } = purpose;
        let bytes = match self {
            Self::Variable(name) => config.named(name).ok_or_else(|| {
                Failure::new(
                    error::VARIABLE_UNSET,
                    format!("{option}: the variable `{name}` is not set"),
                )
            })?,
            Self::Stdin => read_capped(std::io::stdin().lock(), limit)
                .map_err(|error| Failure::unreadable(Path::new("stdin"), &error))?,
            Self::File(path) => match File::open(path).and_then(|file| read_capped(file, limit)) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::NotFound && !is_plainly_a_path(path) => {
                    return Err(Failure::new(
                        error::SECRET_IN_ARGV,
                        format!(
                            "the value of {option} names no file; it is not repeated here, \
                                 because it may be a secret"
                        ),
                    ));
                }
                Err(error) if error.kind() == ErrorKind::InvalidFilename => {
                    return Err(Failure::new(
                        error::SECRET_IN_ARGV,
                        format!("the value of {option} is no file's name; it is not repeated here"),
                    ));
                }
                Err(error) => return Err(Failure::unreadable(path, &error)),
            },
        };
        if bytes.len() > limit {
            let message = format!("{option}: more than {limit} bytes");
            return Err(Failure::new(error::FILE_UNREADABLE, message).exit(Exit::WrongUse));
        }
        Ok(bytes)
    }
}

/// Reads to the end, or one byte beyond the limit.
fn read_capped(from: impl Read, limit: usize) -> std::io::Result<Secret> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;
    Ok(Secret::new(bytes))
}

/// Whether a name that is not there was meant as a path: it has a short extension, or stands in a
/// folder that is there. Secrets have neither.
fn is_plainly_a_path(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let short = extension.is_some_and(|extension| {
        (1..=6).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let folder = path.parent().is_some_and(|parent| parent != Path::new("") && parent.is_dir());
    let plain = path.to_str().is_some_and(|text| {
        text.len() < 256 && !text.contains(['\n', '{', '"']) && !text.contains("-----")
    });
    plain && (short || folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_stdin_and_env_names_a_variable() {
        assert!("-".parse::<Source>().unwrap().is_stdin());
        assert!(matches!("env:X".parse(), Ok(Source::Variable(name)) if name == "X"));
        assert!(matches!("./env".parse(), Ok(Source::File(_))));
    }

    #[test]
    fn what_may_be_a_secret_is_not_taken_for_a_path() {
        for path in ["key.jwk", "/tmp/key", "keys/a.pem"] {
            assert!(is_plainly_a_path(Path::new(path)), "{path}");
        }
        for secret in [
            "correct-horse-battery-staple",
            "dGhpcyBpcyBhIHNlY3JldA==",
            "aaaa/bbbb",
            "{\"kty\":\"oct\"}",
            "-----BEGIN PRIVATE KEY-----\nx.pem",
            "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
        ] {
            assert!(!is_plainly_a_path(Path::new(secret)), "{secret}");
        }
    }
}
