//! Where a credential comes from: the environment by name, a file, or the settings themselves.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keytide_jose::Secret;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Error;

/// What surrounds a target: the environment and the files that its settings name.
pub trait Surroundings: Send + Sync {
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<Secret>;

    /// A file's bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    fn file(&self, path: &Path) -> std::io::Result<Secret>;

    /// Time since an arbitrary origin; never goes back and never jumps.
    fn monotonic(&self) -> Duration;
}

/// The environment, the files and the clock of this process.
#[derive(Clone, Copy, Debug)]
pub struct ThisProcess {
    started: Instant,
}

impl Default for ThisProcess {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Surroundings for ThisProcess {
    fn variable(&self, name: &str) -> Option<Secret> {
        std::env::var(name).ok().map(|text| Secret::new(text.into_bytes()))
    }

    fn file(&self, path: &Path) -> std::io::Result<Secret> {
        std::fs::read(path).map(Secret::new)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A credential, or where it is. Written down again it is only where it is: a given one is not shown.
pub enum Credential {
    /// `{"env": "NAME"}`: a variable of the process that syncs, read each time it is needed.
    Env(String),
    /// `{"file": "/path"}`: a file, read each time it is needed, without the blanks at its end.
    File(PathBuf),
    /// `{"sealed": "…"}`: the credential itself, for a store that seals the settings as a whole.
    Sealed(Secret),
}

impl Credential {
    /// The credential as it is now.
    ///
    /// # Errors
    /// `no_credentials`, naming what was looked for.
    pub fn obtain(&self, around: &dyn Surroundings, place: &str) -> Result<Secret, Error> {
        let missing = |why: String| Error::NoCredentials { place: place.to_owned(), why };
        let found = match self {
            Self::Env(name) => around
                .variable(name)
                .ok_or_else(|| missing(format!("the variable `{name}` is not set")))?,
            Self::File(path) => around.file(path).map_err(|error| {
                missing(format!("`{}` cannot be read: {error}", path.display()))
            })?,
            Self::Sealed(secret) => secret.duplicate(),
        };
        let text = found.expose().trim_ascii_end();
        if text.is_empty() || std::str::from_utf8(text).is_err() {
            return Err(missing(format!("{self} holds no text")));
        }
        Ok(Secret::new(text.to_vec()))
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable `{name}`"),
            Self::File(path) => write!(f, "the file `{}`", path.display()),
            Self::Sealed(_) => f.write_str("a credential of its own"),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Env(name) => map.serialize_entry("env", name)?,
            Self::File(path) => map.serialize_entry("file", path)?,
            Self::Sealed(_) => map.serialize_entry("sealed", "(not shown)")?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Credential {
    /// From JSON text alone. What is wrong with it is told without any of it, for it may be the secret.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form {
            env: Option<String>,
            file: Option<PathBuf>,
            sealed: Option<Text>,
        }
        let raw = <&RawValue>::deserialize(deserializer)?;
        let form = || {
            D::Error::custom(r#"a credential is {"env": NAME}, {"file": PATH} or {"sealed": TEXT}"#)
        };
        match serde_json::from_str(raw.get()).map_err(|_| form())? {
            Form { env: Some(name), file: None, sealed: None } => Ok(Self::Env(name)),
            Form { env: None, file: Some(path), sealed: None } if path.is_absolute() => {
                Ok(Self::File(path))
            }
            Form { env: None, file: None, sealed: Some(Text(secret)) } => Ok(Self::Sealed(secret)),
            _ => Err(form()),
        }
    }
}

struct Text(Secret);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Secret::new(String::deserialize(deserializer)?.into_bytes())))
    }
}
