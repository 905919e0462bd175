//! The environment, read once: a table of the variables, and what they said.

use std::ffi::OsString;
use std::path::PathBuf;

use keytide_jose::Secret;

/// An environment variable that Keytide reads.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) default: &'static str,
}

const STORE: &str = "KEYTIDE_STORE";
const SERVER: &str = "KEYTIDE_SERVER";
pub(crate) const TOKEN: &str = "KEYTIDE_TOKEN";
pub(crate) const MASTER_KEY: &str = "KEYTIDE_MASTER_KEY";
const ANCHOR: &str = "KEYTIDE_ANCHOR";
const LOG: &str = "KEYTIDE_LOG";
const RUNTIME_FOLDER: &str = "XDG_RUNTIME_DIR";
const STATE_FOLDER: &str = "XDG_STATE_HOME";
const HOME: &str = "HOME";

/// Every variable that changes what the program does.
pub(crate) const VARIABLES: &[Variable] = &[
    Variable {
        name: STORE,
        what: "The folder of the embedded store. `--store` goes before it.",
        default: "`./keytide-data`",
    },
    Variable {
        name: SERVER,
        what: "The address of a Keytide server, such as `https://keys.example:7430`. Where it is \
               set, `ring`, `audit`, `sign --ring` and `verify --ring` ask the server instead of \
               an embedded store. `--server` goes before it; `--store` does too.",
        default: "none: the embedded store",
    },
    Variable {
        name: TOKEN,
        what: "The access token for the server. `--token-file` goes before it.",
        default: "none",
    },
    Variable {
        name: MASTER_KEY,
        what: "The master key of the embedded store, 32 bytes in hex or base64. `--master-key` goes \
               before it; it goes before the store's own file. Other processes of the same user \
               can read a process's environment: prefer a file.",
        default: "the store's own `master.key`",
    },
    Variable {
        name: ANCHOR,
        what: "Where the embedded store's anchor is, the file by which an older database is \
               noticed. `--anchor` goes before it.",
        default: "the store's own `keytide.anchor`",
    },
    Variable {
        name: LOG,
        what: "What `serve` logs: `error`, `warn`, `info`, `debug`, `trace` or `off`, or a list \
               such as `info,keytide_server=debug`. `--log` goes before it.",
        default: "`info`",
    },
    Variable {
        name: RUNTIME_FOLDER,
        what: "Where `run --deliver file` puts files, if that is in memory. `--file-dir` goes before it.",
        default: "`/run/user/UID`, or `/dev/shm`",
    },
    Variable {
        name: STATE_FOLDER,
        what: "Below this, in `keytide`, `run` keeps sealed copies of keys. `--copy-dir` goes before it.",
        default: "`.local/state` in HOME",
    },
    Variable {
        name: HOME,
        what: "The home folder, for sealed copies where XDG_STATE_HOME is not set.",
        default: "none: no sealed copies",
    },
    Variable {
        name: "NO_COLOR",
        what: "Anything but nothing: no colours, on a terminal either.",
        default: "colours on a terminal",
    },
    Variable { name: "TERM", what: "`dumb`: no colours.", default: "the terminal's own" },
    Variable {
        name: "COLUMNS",
        what: "How wide pictures are drawn, in columns.",
        default: "the terminal's width, or 80",
    },
    Variable {
        name: "USER",
        what: "Who acts on an embedded store, in its audit log.",
        default: "the user's number",
    },
];

/// What the environment says.
pub(crate) struct Config {
    pub(crate) store: Option<PathBuf>,
    pub(crate) server: Option<String>,
    pub(crate) token: Option<Secret>,
    pub(crate) master_key: Option<Secret>,
    pub(crate) anchor: Option<PathBuf>,
    pub(crate) log: Option<String>,
    pub(crate) colour: bool,
    pub(crate) columns: Option<usize>,
    pub(crate) user: Option<String>,
    pub(crate) runtime_folder: Option<PathBuf>,
    state_folder: Option<PathBuf>,
    home: Option<PathBuf>,
    lookup: fn(&str) -> Option<OsString>,
    every: fn() -> Vec<(OsString, OsString)>,
}

impl Config {
    /// Reads every variable through `lookup`. An empty one counts as not set.
    pub(crate) fn read(lookup: fn(&str) -> Option<OsString>) -> Self {
        let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let text = |name: &str| get(name).and_then(|value| value.into_string().ok());
        let secret = |name: &str| get(name).map(|value| Secret::new(value.into_encoded_bytes()));
        Self {
            store: get(STORE).map(PathBuf::from),
            server: text(SERVER),
            token: secret(TOKEN),
            master_key: secret(MASTER_KEY),
            anchor: get(ANCHOR).map(PathBuf::from),
            log: text(LOG),
            colour: get("NO_COLOR").is_none() && text("TERM").as_deref() != Some("dumb"),
            columns: text("COLUMNS").and_then(|columns| columns.parse().ok()),
            user: text("USER"),
            runtime_folder: get(RUNTIME_FOLDER).map(PathBuf::from),
            state_folder: get(STATE_FOLDER).map(PathBuf::from),
            home: get(HOME).map(PathBuf::from),
            lookup,
            every: Vec::new,
        }
    }

    /// The same, with a way to every variable there is, for whoever looks at all of them.
    pub(crate) fn with_every(self, every: fn() -> Vec<(OsString, OsString)>) -> Self {
        Self { every, ..self }
    }

    /// Every variable whose name and value are text.
    pub(crate) fn every(&self) -> impl Iterator<Item = (String, Secret)> {
        (self.every)().into_iter().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, Secret::new(value.into_string().ok()?.into_bytes())))
        })
    }

    /// Where this program may keep what is to outlast a run.
    pub(crate) fn state_folder(&self) -> Option<PathBuf> {
        let below_home = || Some(self.home.as_ref()?.join(".local/state"));
        Some(self.state_folder.clone().or_else(below_home)?.join("keytide"))
    }

    /// A variable that the user named, as in `env:NAME`.
    pub(crate) fn named(&self, name: &str) -> Option<Secret> {
        let value = (self.lookup)(name).filter(|value| !value.is_empty())?;
        Some(Secret::new(value.into_encoded_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_as_good_as_none() {
        let config = Config::read(|name| (name == STORE || name == "NO_COLOR").then(OsString::new));
        assert!(config.store.is_none());
        assert!(config.colour);
    }

    #[test]
    fn no_color_and_a_dumb_terminal_take_colours_away() {
        assert!(!Config::read(|name| (name == "NO_COLOR").then(|| "1".into())).colour);
        assert!(!Config::read(|name| (name == "TERM").then(|| "dumb".into())).colour);
    }
}
