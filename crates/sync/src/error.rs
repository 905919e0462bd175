//! Why a copy could not be read, written or deleted: a stable code, what was wrong, what to do.

use std::fmt;
use std::time::Duration;

use keytide_ring::Epoch;

/// Why a target failed. Neither a secret nor a credential stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A target's settings don't go together, or name something that cannot be.
    BadTarget {
        /// What is wrong, and with which value.
        why: String,
    },
    /// Two texts of a document would stand under one name.
    NamesClash {
        /// The name.
        name: String,
    },
    /// The credentials are missing, or cannot be had.
    NoCredentials {
        /// The place.
        place: String,
        /// What was looked for.
        why: String,
    },
    /// The place knows who we are and says no, or does not know us.
    Denied {
        /// The place.
        place: String,
        /// Its own words.
        why: String,
    },
    /// Something else is there than what the write was to go over.
    Changed {
        /// The place.
        place: String,
        /// What its answer was.
        why: String,
    },
    /// The place asks for fewer requests.
    Throttled {
        /// The place.
        place: String,
        /// For how long, if it said so.
        retry_after: Option<Duration>,
    },
    /// No answer, no connection, or an answer that tells of a failure on its side: trying again may do.
    Unreachable {
        /// The place.
        place: String,
        /// What happened.
        why: String,
    },
    /// The place answered with a refusal that trying again will not change.
    Refused {
        /// The place.
        place: String,
        /// Its own words.
        why: String,
    },
    /// What was read back is not what was written.
    NotConverged {
        /// The place.
        place: String,
        /// What was found instead.
        why: String,
    },
    /// What is there must not be written over: another ring's copy, or somebody's own value.
    PlaceTaken {
        /// The place.
        place: String,
        /// What is there.
        why: String,
    },
    /// The place holds a later epoch than the ring has.
    CopyIsNewer {
        /// The place.
        place: String,
        /// The epoch of the copy.
        found: Epoch,
        /// The epoch of the ring.
        ours: Epoch,
    },
    /// The engine's: a key cannot be read, or written down.
    Engine(keytide_jose::Error),
}

impl Error {
    /// Whether the same may succeed a little later with nothing changed by anybody.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Unreachable { .. }
                | Self::NotConverged { .. }
                | Self::Changed { .. }
        )
    }

    /// The stable code: one of [`CODES`], or of the engine's.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.code(),
            _ => self.entry().code,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.hint().unwrap_or_default(),
            _ => self.entry().hint,
        }
    }

    fn entry(&self) -> &'static keytide_jose::Code {
        match self {
            Self::BadTarget { .. } | Self::Engine(_) => &code::BAD_TARGET,
            Self::NamesClash { .. } => &code::NAMES_CLASH,
            Self::NoCredentials { .. } => &code::NO_CREDENTIALS,
            Self::Denied { .. } => &code::TARGET_DENIED,
            Self::Changed { .. } => &code::TARGET_CHANGED,
            Self::Throttled { .. } => &code::TARGET_THROTTLED,
            Self::Unreachable { .. } => &code::TARGET_UNREACHABLE,
            Self::Refused { .. } => &code::TARGET_REFUSED,
            Self::NotConverged { .. } => &code::NOT_CONVERGED,
            Self::PlaceTaken { .. } => &code::PLACE_TAKEN,
            Self::CopyIsNewer { .. } => &code::COPY_IS_NEWER,
        }
    }
}

impl From<keytide_jose::Error> for Error {
    fn from(error: keytide_jose::Error) -> Self {
        Self::Engine(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTarget { why } => f.write_str(why),
            Self::NamesClash { name } => write!(f, "two texts would stand under the name `{name}`"),
            Self::NoCredentials { place, why }
            | Self::Denied { place, why }
            | Self::Changed { place, why }
            | Self::Unreachable { place, why }
            | Self::Refused { place, why }
            | Self::NotConverged { place, why }
            | Self::PlaceTaken { place, why } => write!(f, "{place}: {why}"),
            Self::Throttled { place, retry_after: None } => write!(f, "{place}: too many requests"),
            Self::Throttled { place, retry_after: Some(after) } => {
                write!(f, "{place}: too many requests, try again in {} s", after.as_secs())
            }
            Self::CopyIsNewer { place, found, ours } => {
                write!(f, "{place}: it holds epoch {found}, and the ring is at epoch {ours}")
            }
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        mod code {
            use keytide_jose::Code;
            $(pub(super) const $name: Code = Code::new($code, $meaning, $hint);)*
        }

        /// Every code this crate can report beside the engine's.
        pub const CODES: &[keytide_jose::Code] = &[$(code::$name),*];
    };
}

codes! {
    BAD_TARGET = "bad_target", "A target's settings cannot be.",
        "Give the named setting a value within what the message says; `keytide sync target add --help` lists them.";
    NAMES_CLASH = "names_clash", "Two texts of a copy would stand under one name.",
        "Give each of the target's texts a name of its own; names that begin with KEYTIDE_ are taken.";
    NO_CREDENTIALS = "no_credentials", "The credentials for a target are missing.",
        "Set what the message names in the environment of the process that syncs, or add the target with credentials of its own.";
    TARGET_DENIED = "target_denied", "A target refuses the credentials, or what they are allowed to do.",
        "Check the role or policy behind the credentials; the target's page in docs/sync lists what it needs.";
    TARGET_CHANGED = "target_changed", "Somebody else wrote to a target in the meantime.",
        "Nothing to do: it is read again and written over what is there now, as its policy on drift says.";
    TARGET_THROTTLED = "target_throttled", "A target asks for fewer requests.",
        "Nothing to do: it is tried again after the time it asked for.";
    TARGET_UNREACHABLE = "target_unreachable", "A target does not answer, or has failed.",
        "Check its address and its health; it is tried again by itself, and no symmetric ring switches before it has converged.";
    TARGET_REFUSED = "target_refused", "A target refuses what was asked of it.",
        "The message holds its own words; change the target's settings, or what is in its place.";
    NOT_CONVERGED = "not_converged", "What was read back from a target is not what was written.",
        "Nothing to do if it is slow: it is read again. If it stays so, see who else writes there: `keytide sync status`.";
    PLACE_TAKEN = "place_taken", "A target's place holds what Keytide did not write there for this ring.",
        "Name another place; or, if the value there may go, delete it or add the target with `adopt`.";
    COPY_IS_NEWER = "copy_is_newer", "A copy holds a later epoch than its ring, and was left alone.",
        "An older database may have been restored: see `keytide restore --help`. If the place was another store's, delete the copy there by hand.";
}
