//! A failure as the user meets it: a stable code, what was wrong, what to do next, and the exit status.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value, json};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Yes, or done.
    Done = 0,
    /// No: an invalid token, or something that the rules refuse.
    No = 1,
    /// The command was used wrongly.
    WrongUse = 2,
    /// Something failed: the store, the network, a file.
    Failed = 3,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) hint: Cow<'static, str>,
    pub(crate) exit: Exit,
    /// Further facts for programs, such as `earliest_safe_at`.
    pub(crate) members: Map<String, Value>,
}

/// One code of the command line's own.
pub(crate) struct Code {
    pub(crate) code: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) exit: Exit,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $exit:ident, $meaning:literal, $hint:literal;)*) => {
        $(pub(crate) const $name: &Code = &Code {
            code: $code, exit: Exit::$exit, meaning: $meaning, hint: $hint,
        };)*

        /// Every code that only the command line has.
        pub(crate) const CODES: &[&Code] = &[$($name),*];
    };
}

codes! {
    WRONG_USE = "wrong_use", WrongUse, "The arguments do not fit together.",
        "See the command's `--help`, which has examples.";
    SECRET_IN_ARGV = "secret_in_argv", WrongUse, "A secret was given on the command line.",
        "Other users can read command lines: write the secret to a file and name the file, or use \
         `-` for stdin or `env:NAME` for an environment variable.";
    ALGORITHM_NEEDED = "algorithm_needed", WrongUse, "The key does not name its algorithm.",
        "Say `--alg`; there is no default, so that nobody else chooses it.";
    VARIABLE_UNSET = "variable_unset", WrongUse, "The environment variable is not set.",
        "Set it, or name a file instead.";
    BAD_JSON = "bad_json", WrongUse, "The text is not the JSON that is needed.",
        "Write one JSON object; in a shell, between single quotes, or in a file named with `@`.";
    CONFIRMATION_NEEDED = "confirmation_needed", WrongUse, "What is asked cannot be undone.",
        "Say `--yes` if you mean it.";
    TOKEN_NEEDED = "token_needed", WrongUse, "The server wants an access token.",
        "Set KEYTIDE_TOKEN, or name the file that holds it with `--token-file`.";
    FILE_UNREADABLE = "file_unreadable", Failed, "A file cannot be read.",
        "Check its path and permissions.";
    FILE_EXISTS = "file_exists", No, "The file is there already and was left alone.",
        "Choose another name, or say `--force` to replace it.";
    FILE_UNWRITABLE = "file_unwritable", Failed, "A file cannot be written.",
        "Check the folder, its permissions, and the space that is left.";
    SERVER_UNREACHABLE = "server_unreachable", Failed, "The server cannot be reached.",
        "Check the address and that the server is running.";
    SERVER_ANSWER = "server_answer", Failed, "The server's answer is not one of Keytide's.",
        "Check that the address is that of a Keytide server of this version.";
    AUDIT_BROKEN = "audit_broken", No, "The audit log was changed.",
        "Keep a copy of the store as it is, find out who wrote to it, and restore from a backup.";
    WEAK_SECRET = "weak_secret", No, "A secret that is to become a ring's key can be guessed.",
        "Make a ring with a secret of its own (`keytide ring create NAME --alg HS256`) and have it written \
         over this one (`keytide sync target add … --adopt`): what was signed with the weak secret is then \
         refused, as it must be.";
    NOTHING_TO_PULL = "nothing_to_pull", No, "A place holds no secret that could become a ring's key.",
        "See what is there with `keytide sync target test`; say with `--name-secret` under which name it stands.";
    NO_KEYS = "no_keys", Failed, "There are no keys to start the program with.",
        "Restore the connection to the server. Once it has answered, a sealed copy bridges times without it.";
    KEYS_TOO_OLD = "keys_too_old", Failed, "The server was silent for longer than keys may be used without it.",
        "Restore the connection to the server; `--max-stale` says how long an outage is borne.";
    COMMAND_NOT_RUN = "command_not_run", Failed, "The program cannot be run.",
        "Check its path and permissions; it stands behind `--`.";
    NO_TMPFS = "no_tmpfs", Failed, "No folder in memory can take the files.",
        "Say `--deliver fd`, or mount a tmpfs and name it with `--file-dir`.";
    SERVER_STOPPED = "server_stopped", Failed, "The server could not start, or ended by itself.",
        "See the message for the cause.";
    UNEXPECTED = "unexpected", Failed, "The system refused something ordinary.",
        "See the message for the cause.";
}

impl Failure {
    /// A failure with the code's own hint.
    pub(crate) fn new(code: &Code, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code.code),
            message: message.into(),
            hint: Cow::Borrowed(code.hint),
            exit: code.exit,
            members: Map::new(),
        }
    }

    /// Wrong use of a command, in a sentence.
    pub(crate) fn wrong_use(message: impl Into<String>) -> Self {
        Self::new(WRONG_USE, message)
    }

    /// The same with a hint that knows more.
    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same with another exit status.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The same with further facts for programs.
    pub(crate) fn members(mut self, members: Map<String, Value>) -> Self {
        self.members = members;
        self
    }

    /// All of it, for programs.
    pub(crate) fn to_json(&self) -> Value {
        let Self { code, message, hint, exit: _, members } = self;
        let mut error = json!({ "code": code, "message": message });
        if !hint.is_empty() {
            error["hint"] = Value::from(hint.as_ref());
        }
        for (name, value) in members {
            error[name] = value.clone();
        }
        error
    }

    /// Something ordinary that the system, or a library, refused.
    pub(crate) fn unexpected(error: &dyn std::error::Error) -> Self {
        Self::new(UNEXPECTED, error.to_string())
    }

    /// A file that could not be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let exit = if error.kind() == ErrorKind::NotFound { Exit::WrongUse } else { Exit::Failed };
        Self::new(FILE_UNREADABLE, format!("{} cannot be read: {error}", path.display())).exit(exit)
    }

    /// What a server said, in its own words but for the hint.
    pub(crate) fn remote(code: String, message: String, hint: String, exit: Exit) -> Self {
        let members = Map::new();
        let hint = hint_here(&code).map_or(Cow::Owned(hint), Cow::Borrowed);
        Self { code: Cow::Owned(code), message, hint, exit, members }
    }
}

impl From<keytide_jose::Error> for Failure {
    fn from(error: keytide_jose::Error) -> Self {
        Self {
            code: Cow::Borrowed(error.code()),
            message: error.to_string(),
            hint: Cow::Borrowed(
                hint_here(error.code()).or_else(|| error.hint()).unwrap_or_default(),
            ),
            exit: exit_for(error.code()),
            members: Map::new(),
        }
    }
}

impl From<keytide_ring::Error> for Failure {
    fn from(error: keytide_ring::Error) -> Self {
        Self {
            code: Cow::Borrowed(error.code()),
            message: error.to_string(),
            hint: Cow::Borrowed(hint_here(error.code()).unwrap_or_else(|| error.hint())),
            exit: exit_for(error.code()),
            members: error.facts(),
        }
    }
}

impl From<keytide_server::CopyError> for Failure {
    fn from(error: keytide_server::CopyError) -> Self {
        match error {
            keytide_server::CopyError::Ring(error) => error.into(),
            keytide_server::CopyError::Target { code, message, by_settings } => Self {
                code: Cow::Borrowed(code.code),
                message,
                hint: Cow::Borrowed(hint_here(code.code).unwrap_or(code.hint)),
                exit: if by_settings { Exit::WrongUse } else { Exit::Failed },
                members: Map::new(),
            },
        }
    }
}

impl From<keytide_sync::Error> for Failure {
    fn from(error: keytide_sync::Error) -> Self {
        let by_settings = matches!(
            error,
            keytide_sync::Error::BadTarget { .. } | keytide_sync::Error::NamesClash { .. }
        );
        Self {
            code: Cow::Borrowed(error.code()),
            message: error.to_string(),
            hint: Cow::Borrowed(hint_here(error.code()).unwrap_or_else(|| error.hint())),
            exit: if by_settings { Exit::WrongUse } else { Exit::Failed },
            members: Map::new(),
        }
    }
}

impl From<keytide_client::Error> for Failure {
    fn from(error: keytide_client::Error) -> Self {
        let (message, hint) = match &error {
            // The client's option is what the command line reads from a file or a variable.
            keytide_client::Error::BadOption { name: "token", why } => (
                format!("the access token {why}"),
                "Name a file that holds one access token and nothing else with `--token-file`, or set \
                 KEYTIDE_TOKEN."
                    .into(),
            ),
            _ => (error.to_string(), Cow::Owned(error.hint().into_owned())),
        };
        let exit = match &error {
            keytide_client::Error::BadUrl { .. } => Exit::WrongUse,
            _ => Exit::Failed,
        };
        let code = Cow::Owned(error.code().to_owned());
        Self { code, message, hint, exit, members: Map::new() }
    }
}

impl From<keytide_store::OpenError> for Failure {
    fn from(error: keytide_store::OpenError) -> Self {
        let hint = match error.code() {
            "store_not_found" => {
                "`keytide serve` and `keytide ring create` make one; name another with `--store` \
                 or KEYTIDE_STORE."
            }
            _ => error.hint(),
        };
        let exit = match error.code() {
            "reason_required" | "reason_too_long" => Exit::WrongUse,
            "store_exists" | "backup_foreign" | "shares_wrong" => Exit::No,
            "share_unusable" | "shares_impossible" | "master_key_same" => Exit::WrongUse,
            _ => Exit::Failed,
        };
        Self {
            code: Cow::Borrowed(error.code()),
            message: error.to_string(),
            hint: Cow::Borrowed(hint),
            exit,
            members: Map::new(),
        }
    }
}

impl From<keytide_scan::Error> for Failure {
    fn from(error: keytide_scan::Error) -> Self {
        let exit = match error.code() {
            "scan_git" | "scan_config" => Exit::WrongUse,
            _ => Exit::Failed,
        };
        Self {
            code: Cow::Borrowed(error.code()),
            message: error.to_string(),
            hint: Cow::Borrowed(error.hint()),
            exit,
            members: Map::new(),
        }
    }
}

/// What to do next in the words of the command line, where a code's own hint speaks of fields.
fn hint_here(code: &str) -> Option<&'static str> {
    Some(match code {
        "activation_too_early" => {
            "Wait until then, or say `--when-safe` and the ring switches by itself. To switch now all \
             the same, say `--force` with a `--reason`; valid tokens may then be refused."
        }
        "not_acknowledged" => {
            "Restart or reload what is named, or wait until its lease ends; of a target `keytide sync \
             status` says why its copy has not arrived. `--when-safe` lets the ring switch by itself. If \
             something was restarted and cannot say so, use `keytide ring consumer assume-restarted`."
        }
        "bad_consumer" => {
            "Name a profile, or give `--hold`, the longest time for which it may use an old set, or let \
             it tell what it has loaded with `--acknowledges`."
        }
        "consumer_not_found" => "`keytide ring consumer list` shows the ring's consumers.",
        "consumer_exists" => "Choose another name, or `keytide ring consumer remove` it first.",
        "reason_required" => "Say why with `--reason`; it is kept in the audit log.",
        "ttl_too_long" => {
            "Ask for less, or let the ring permit more with `keytide ring set --token-ttl`."
        }
        "leeway_too_long" => {
            "Ask for less with `--leeway`, or let the ring allow for more with `keytide ring set \
             --leeway`."
        }
        "leeway_too_large" => "Choose at most 60 s with `--leeway`.",
        "key_not_found" | "wrong_state" => {
            "`keytide ring show` lists the ring's keys and their states."
        }
        "ring_not_found" => "`keytide ring list` shows the rings; `keytide ring create` makes one.",
        "target_not_found" => "`keytide sync target list` shows the ring's targets.",
        "target_exists" => "Choose another name, or replace its settings with `--replace`.",
        "webhook_not_found" => "`keytide ring webhook list` shows the ring's webhooks.",
        "nothing_to_roll_back" => "`keytide ring rotate` switches to the published key instead.",
        "credentials_missing" | "credentials_refused" => {
            "Set KEYTIDE_TOKEN, or name the file that holds a token of this server with `--token-file`."
        }
        _ => return None,
    })
}

/// The exit status for a code of the engine, the rings or a server: what is not listed is a refusal.
pub(crate) fn exit_for(code: &str) -> Exit {
    match code {
        "bad_ring_name" | "bad_duration" | "bad_consumer" | "ring_not_found"
        | "route_not_found" | "bad_check_in" | "bad_policy" | "consumer_not_found"
        | "bad_target_name" | "target_not_found" | "bad_target" | "names_clash"
        | "no_credentials" | "method_not_allowed" | "bad_access" | "bad_webhook"
        | "webhook_not_found" | "leeway_too_long" | "reason_too_long" | "reason_required"
        | "invalid_key" | "weak_key" | "invalid_kid" | "key_alg_mismatch" | "leeway_too_large"
        | "reserved_header" | "no_public_key" | "bad_request" => Exit::WrongUse,
        "ring_inconsistent" | "fenced" | "wrong_master_key" | "store_tampered"
        | "store_too_new" | "store_behind" | "store_busy" | "store_full" | "store_unavailable"
        | "random_failed" | "backend_failed" => Exit::Failed,
        _ => Exit::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_among_all_tables() {
        let mut all: Vec<&str> = CODES.iter().map(|code| code.code).collect();
        all.extend(keytide_jose::CODES.iter().map(|code| code.code));
        all.extend(keytide_client::CODES.iter().map(|code| code.code));
        all.extend(keytide_ring::CODES.iter().map(|code| code.code));
        all.extend(keytide_store::CODES.iter().map(|code| code.code));
        all.extend(keytide_scan::CODES.iter().map(|code| code.code));
        all.extend(keytide_sync::CODES.iter().map(|code| code.code));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn an_access_token_that_is_none_is_told_by_the_option_that_names_it() {
        let why = "has characters that no access token has".to_owned();
        let failure = Failure::from(keytide_client::Error::BadOption { name: "token", why });
        assert_eq!(failure.message, "the access token has characters that no access token has");
        assert!(failure.hint.contains("--token-file"));
    }

    #[test]
    fn a_refusal_by_the_rules_is_a_no_and_a_failure_of_the_store_is_not() {
        assert_eq!(exit_for("activation_too_early"), Exit::No);
        assert_eq!(exit_for("expired"), Exit::No);
        assert_eq!(exit_for("store_tampered"), Exit::Failed);
        assert_eq!(exit_for("bad_ring_name"), Exit::WrongUse);
    }
}
