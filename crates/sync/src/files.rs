//! A copy in files of this host: lines of a dotenv file, one JSON object, or a folder of one file each.
//!
//! Whoever reads one file sees it whole, before or after: a file is written beside the old one and takes
//! its name. A folder is swapped for the old one at once; whoever goes on reading a folder that they
//! opened before the swap finds the files of the old set, or none, and never one of the new.
//!
//! A write compares under a lock that other writers of ours obey; an editor does not know of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use keytide_jose::{Secret, digest};
use serde::{Deserialize, Serialize};

use crate::{Content, Document, Error, Held, Names, Reach, Target, Version};
use place::Place;

mod dotenv;
mod place;

/// The settings of a target in files: `{"kind": "file", "path": …, "form": "dotenv"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSpec {
    /// An absolute path. The folder that it is in must be there.
    path: PathBuf,
    /// How the copy is written.
    form: Form,
}

/// How a copy is written into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// Its lines among the other lines of a dotenv file.
    Dotenv,
    /// The whole file is one JSON object of texts.
    Json,
    /// A folder that holds one file for each text and nothing else, as `LoadCredential=` of systemd
    /// takes it.
    Folder,
}

impl FileSpec {
    pub(crate) fn check(&self, names: &Names) -> Result<(), Error> {
        if !self.path.is_absolute() || self.path.file_name().is_none() {
            let why = format!(
                "`path` must be the absolute path of a file, not `{}`",
                self.path.display()
            );
            return Err(Error::BadTarget { why });
        }
        let is_variable = |name: &str| {
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        let other = names.all().into_iter().find(|name| !is_variable(name));
        match other.filter(|_| self.form == Form::Dotenv) {
            None => Ok(()),
            Some(name) => Err(Error::BadTarget {
                why: format!(
                    "`{name}` is no name that a shell reads: in the form `dotenv` it takes letters, digits \
                     and `_`, no digit first"
                ),
            }),
        }
    }

    pub(crate) fn reaches(&self) -> Vec<Reach> {
        vec![Reach::Writes(self.path.clone())]
    }

    pub(crate) fn open(self, names: Names) -> FileTarget {
        FileTarget { spec: self, names }
    }
}

/// A copy in files.
pub(crate) struct FileTarget {
    spec: FileSpec,
    names: Names,
}

#[async_trait]
impl Target for FileTarget {
    fn place(&self) -> String {
        self.spec.path.display().to_string()
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        self.found(&Place::open(&self.spec.path)?)
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let place = Place::open(&self.spec.path)?;
        let locked = place.lock()?;
        if self.found(&place)?.as_ref().map(|held| &held.version) != over {
            let why = "it was changed after it was read".to_owned();
            return Err(Error::Changed { place: self.place(), why });
        }
        match self.spec.form {
            Form::Dotenv => {
                let old = place.read()?;
                let bytes = old.as_ref().map_or(&b""[..], |old| old.bytes.expose());
                let new = self.lines(bytes, &document.texts())?;
                locked.replace(new.expose(), old.map(|old| old.ownership))
            }
            Form::Json => {
                let old = place.read()?.map(|old| old.ownership);
                locked.replace(document.to_json().expose(), old)
            }
            Form::Folder => {
                let texts = document.texts();
                let files: Vec<_> =
                    texts.iter().map(|(name, text)| (*name, text.expose())).collect();
                let old = place.read_folder()?;
                let others = old.iter().flat_map(|old| &old.files).map(|(name, _)| name);
                self.own_files_only(others)?;
                locked.replace_folder(&files, old.as_ref())
            }
        }
    }

    async fn delete(&self) -> Result<(), Error> {
        let place = Place::open(&self.spec.path)?;
        let locked = place.lock()?;
        match self.spec.form {
            Form::Dotenv => {
                let Some(old) = place.read()? else { return Ok(()) };
                let rest = self.lines(old.bytes.expose(), &BTreeMap::new())?;
                match rest.expose() {
                    b"" => locked.remove(),
                    rest if rest == old.bytes.expose() => Ok(()),
                    rest => locked.replace(rest, Some(old.ownership)),
                }
            }
            Form::Json => locked.remove(),
            Form::Folder => {
                let Some(old) = place.read_folder()? else { return Ok(()) };
                self.own_files_only(old.files.iter().map(|(name, _)| name))?;
                locked.remove_folder()
            }
        }
    }
}

impl FileTarget {
    fn found(&self, place: &Place) -> Result<Option<Held>, Error> {
        match self.spec.form {
            Form::Folder => {
                let Some(found) = place.read_folder()? else { return Ok(None) };
                let mut whole = Vec::new();
                for (name, file) in &found.files {
                    whole.extend_from_slice(&digest::sha256(name.as_bytes()));
                    whole.extend_from_slice(&digest::sha256(file.bytes.expose()));
                }
                let texts = found.files.into_iter().map(|(name, file)| (name, file.bytes));
                let content = Document::read(texts.collect());
                Ok(Some(Held { content, version: version(&whole) }))
            }
            Form::Json => {
                let Some(found) = place.read()? else { return Ok(None) };
                let bytes = found.bytes.expose();
                Ok(Some(Held { content: Document::from_json(bytes), version: version(bytes) }))
            }
            Form::Dotenv => {
                let Some(found) = place.read()? else { return Ok(None) };
                let lines = dotenv::read(found.bytes.expose(), &self.names.all());
                if !lines.is_there {
                    // The other lines are no copy.
                    return Ok(None);
                }
                let content = match lines.unclear {
                    Some(why) => Content::Foreign { texts: lines.texts, why },
                    None => Document::read(lines.texts),
                };
                Ok(Some(Held { content, version: version(found.bytes.expose()) }))
            }
        }
    }

    fn lines(&self, file: &[u8], texts: &BTreeMap<&str, Secret>) -> Result<Secret, Error> {
        dotenv::write(file, &self.names.all(), texts)
            .map_err(|why| Error::Refused { place: self.place(), why })
    }

    /// A folder is swapped whole, so what else is in it would be lost.
    fn own_files_only<'a>(&self, files: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
        let ours = self.names.all();
        match files.into_iter().find(|name| !ours.contains(&name.as_str())) {
            None => Ok(()),
            Some(other) => Err(Error::PlaceTaken {
                place: self.place(),
                why: format!("it holds `{other}`, which is not of the copy"),
            }),
        }
    }
}

fn version(bytes: &[u8]) -> Version {
    Version(digest::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
