//! A target's settings: what they may be, what people see of them, and the target that they open.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use keytide_jose::Secret;
use keytide_ring::Span;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[cfg(feature = "aws")]
use crate::aws::AwsSpec;
#[cfg(feature = "azure")]
use crate::azure::AzureSpec;
use crate::files::FileSpec;
#[cfg(feature = "gcp")]
use crate::gcp::GcpSpec;
use crate::kubernetes::KubernetesSpec;
use crate::vault::VaultSpec;
use crate::{Drift, Error, Names, Reach, Surroundings, Target};

/// A target's settings, as one JSON object: those of every kind, and those of its own kind beside them.
///
/// ```
/// let settings = br#"{"kind": "file", "path": "/etc/billing.env", "form": "dotenv", "hold": "5m"}"#;
/// let spec = keytide_sync::TargetSpec::read(settings).unwrap();
/// assert_eq!(spec.kind(), "file");
/// assert!(keytide_sync::TargetSpec::read(br#"{"kind": "floppy"}"#).is_err());
/// ```
pub struct TargetSpec {
    common: Common,
    place: Place,
    /// All of it in one form, and the one door to the credentials in it.
    text: Secret,
}

/// The settings of every kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Common {
    /// Under which names the texts stand.
    pub names: Names,
    /// How long after its arrival a copy counts as loaded by whoever reads it. A file that a kubelet
    /// mounts follows in about a minute; a process that reads it at its start only when it is restarted.
    pub hold: Span,
    /// What is done about a copy that somebody changed.
    pub drift: Drift,
    /// Whether a value that Keytide did not write may be written over the first time.
    pub adopt: bool,
}

impl Default for Common {
    fn default() -> Self {
        let hold = Span::from_secs(0);
        Self { names: Names::default(), hold, drift: Drift::Mend, adopt: false }
    }
}

/// One kind of place, with its settings.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Place {
    File(FileSpec),
    Kubernetes(KubernetesSpec),
    Vault(VaultSpec),
    #[cfg(feature = "aws")]
    Aws(AwsSpec),
    #[cfg(feature = "azure")]
    Azure(AzureSpec),
    #[cfg(feature = "gcp")]
    Gcp(GcpSpec),
}

/// The kinds of target that there are.
pub const KINDS: [&str; 6] = ["file", "kubernetes", "vault", "aws", "azure", "gcp"];

impl TargetSpec {
    /// Reads settings, with every credential that is given in them.
    ///
    /// # Errors
    /// `bad_target` or `names_clash`; neither repeats a credential.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        // Borrowed, so that no credential is copied before it is a secret.
        let mut members: BTreeMap<String, &RawValue> =
            serde_json::from_slice(text).map_err(|_| bad("the settings are no JSON object"))?;
        let text = object(&members);
        let kind = members.remove("kind").and_then(|kind| serde_json::from_str(kind.get()).ok());
        let kind: String = kind.ok_or_else(|| bad(format!("`kind` must be {}", listed())))?;
        let mut common = BTreeMap::new();
        for name in ["names", "hold", "drift", "adopt"] {
            common.extend(members.remove_entry(name));
        }
        let common = object(&common);
        let common: Common = parsed(common.expose(), "a target")?;
        common.names.check()?;
        let rest = object(&members);
        let place = match kind.as_str() {
            "file" => Place::File(parsed(rest.expose(), &kind)?),
            "kubernetes" => Place::Kubernetes(parsed(rest.expose(), &kind)?),
            "vault" => Place::Vault(parsed(rest.expose(), &kind)?),
            #[cfg(feature = "aws")]
            "aws" => Place::Aws(parsed(rest.expose(), &kind)?),
            #[cfg(feature = "azure")]
            "azure" => Place::Azure(parsed(rest.expose(), &kind)?),
            #[cfg(feature = "gcp")]
            "gcp" => Place::Gcp(parsed(rest.expose(), &kind)?),
            kind if KINDS.contains(&kind) => {
                return Err(bad(format!("this build holds no targets of kind `{kind}`")));
            }
            _ => {
                let kind: String = kind.escape_debug().take(40).collect();
                return Err(bad(format!("`kind` must be {}, not `{kind}`", listed())));
            }
        };
        match &place {
            Place::File(spec) => spec.check(&common.names)?,
            Place::Kubernetes(spec) => spec.check()?,
            Place::Vault(spec) => spec.check()?,
            #[cfg(feature = "aws")]
            Place::Aws(spec) => spec.check()?,
            #[cfg(feature = "azure")]
            Place::Azure(spec) => spec.check()?,
            #[cfg(feature = "gcp")]
            Place::Gcp(spec) => spec.check()?,
        }
        Ok(Self { common, place, text })
    }

    /// The settings of every kind.
    pub fn common(&self) -> &Common {
        &self.common
    }

    /// Which kind: one of [`KINDS`].
    pub fn kind(&self) -> &'static str {
        match self.place {
            Place::File(_) => "file",
            Place::Kubernetes(_) => "kubernetes",
            Place::Vault(_) => "vault",
            #[cfg(feature = "aws")]
            Place::Aws(_) => "aws",
            #[cfg(feature = "azure")]
            Place::Azure(_) => "azure",
            #[cfg(feature = "gcp")]
            Place::Gcp(_) => "gcp",
        }
    }

    /// The settings for people: of a credential only where it comes from.
    pub fn view(&self) -> serde_json::Value {
        let value = |value: serde_json::Result<_>| value.expect("settings are plain JSON");
        let mut view = value(serde_json::to_value(&self.place));
        let common = value(serde_json::to_value(&self.common));
        if let (Some(view), serde_json::Value::Object(common)) = (view.as_object_mut(), common) {
            view.insert("kind".to_owned(), self.kind().into());
            view.extend(common);
        }
        view
    }

    /// All of it with its credentials, for a store that seals it. [`TargetSpec::read`] reads it again.
    #[must_use]
    pub fn to_seal(&self) -> Secret {
        self.text.duplicate()
    }

    /// What the settings make use of, of the machine that syncs.
    pub fn reaches(&self) -> Vec<Reach> {
        match &self.place {
            Place::File(spec) => spec.reaches(),
            Place::Kubernetes(spec) => spec.reaches(),
            Place::Vault(spec) => spec.reaches(),
            #[cfg(feature = "aws")]
            Place::Aws(spec) => spec.reaches(),
            #[cfg(feature = "azure")]
            Place::Azure(spec) => spec.reaches(),
            #[cfg(feature = "gcp")]
            Place::Gcp(spec) => spec.reaches(),
        }
    }

    /// The target. Nothing is asked of the place yet.
    ///
    /// # Errors
    /// `bad_target` for a certificate that cannot be read.
    pub fn open(self, around: &Arc<dyn Surroundings>) -> Result<Box<dyn Target>, Error> {
        let names = self.common.names;
        Ok(match self.place {
            Place::File(spec) => Box::new(spec.open(names)),
            Place::Kubernetes(spec) => Box::new(spec.open(names, Arc::clone(around))?),
            Place::Vault(spec) => Box::new(spec.open(names, Arc::clone(around))?),
            #[cfg(feature = "aws")]
            Place::Aws(spec) => Box::new(spec.open(Arc::clone(around))),
            #[cfg(feature = "azure")]
            Place::Azure(spec) => Box::new(spec.open(Arc::clone(around))?),
            #[cfg(feature = "gcp")]
            Place::Gcp(spec) => Box::new(spec.open(Arc::clone(around))),
        })
    }
}

impl fmt::Debug for TargetSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TargetSpec").field(&self.place).field(&self.common).finish()
    }
}

fn bad(why: impl Into<String>) -> Error {
    Error::BadTarget { why: why.into() }
}

fn listed() -> String {
    KINDS.map(|kind| format!("`{kind}`")).join(", ")
}

fn object(members: &BTreeMap<String, &RawValue>) -> Secret {
    let room = members.iter().map(|(name, value)| 2 * name.len() + value.get().len() + 8).sum();
    let mut text = Vec::with_capacity(room);
    text.push(b'{');
    for (nth, (name, value)) in members.iter().enumerate() {
        text.extend_from_slice(if nth > 0 { b"," } else { b"" });
        serde_json::to_writer(&mut text, name).expect("memory takes it");
        text.push(b':');
        text.extend_from_slice(value.get().as_bytes());
    }
    text.push(b'}');
    Secret::new(text)
}

pub(crate) fn parsed<'a, T: Deserialize<'a>>(text: &'a [u8], what: &str) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|error| {
        // Without the position, which is that of a text nobody wrote, and without what was found in
        // the wrong place, for it may be a credential.
        let error = error.to_string();
        let why = error.split(" at line ").next().unwrap_or_default();
        let why = match why.rsplit_once("expected ") {
            Some((found, expected)) if found.starts_with("invalid") => {
                format!("something else stands where {expected} is expected")
            }
            _ => why.to_owned(),
        };
        bad(format!("the settings of {what} are wrong: {why}"))
    })
}
