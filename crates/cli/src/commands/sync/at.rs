//! Where a copy is, as options say it: a file and its form, or the settings of any kind of place.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{self, Failure};
use crate::source::{Purpose, Source};

/// A place.
#[derive(Args)]
pub(super) struct At {
    /// A file, or a folder of files, as `--form` says
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "settings",
        required_unless_present = "settings"
    )]
    file: Option<PathBuf>,

    /// How the copy is written into `--file` [default: dotenv]
    #[arg(long, value_name = "FORM", requires = "file")]
    form: Option<Form>,

    /// The settings of any kind of place, as one JSON object; docs/sync has them for each kind
    #[arg(long, value_name = "FILE|-|env:NAME")]
    settings: Option<Source>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(super) enum Form {
    /// Lines among the other lines of a dotenv file
    #[default]
    Dotenv,
    /// One JSON object of texts
    Json,
    /// A folder that holds one file for each text, as systemd's `LoadCredential=` takes it
    Folder,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Folder => "folder",
        }
    }
}

/// Far more than any settings.
const LONGEST_SETTINGS: usize = 64 * 1024;

impl At {
    /// The place's settings.
    pub(super) fn settings(&self, config: &Config) -> Result<Map<String, Value>, Failure> {
        Ok(match (&self.file, &self.settings) {
            (Some(path), _) => {
                let path =
                    std::path::absolute(path).map_err(|error| Failure::unreadable(path, &error))?;
                Map::from_iter([
                    ("kind".to_owned(), json!("file")),
                    ("path".to_owned(), json!(path.to_string_lossy())),
                    ("form".to_owned(), json!(self.form.unwrap_or_default().as_str())),
                ])
            }
            (None, Some(source)) => {
                let purpose = Purpose { option: "--settings", limit: LONGEST_SETTINGS };
                let text = without_final_newline(source.read(purpose, config)?);
                serde_json::from_slice(text.expose()).map_err(|error| {
                    // The text around a mistake may be a credential.
                    let (line, column) = (error.line(), error.column());
                    let message =
                        format!("--settings: no JSON object (line {line}, column {column})");
                    Failure::new(error::BAD_JSON, message).hint(
                        "Write one JSON object to a file and name the file, or `-` for stdin; docs/sync \
                         has one for each kind.",
                    )
                })?
            }
            (None, None) => {
                return Err(Failure::wrong_use("name a place with --file or --settings"));
            }
        })
    }
}
