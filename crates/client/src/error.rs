//! What went wrong with a key set: a stable code, a message that names the value, and a hint.

use core::fmt;
use std::borrow::Cow;
use std::time::Duration;

/// Why a key set, or a token that depends on it, could not be had.
///
/// [`Error::code`] is stable across releases and languages. URLs in messages are without their query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The URL is not one that keys are fetched from.
    BadUrl {
        /// The URL as far as it may be shown.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Plain HTTP to another machine.
    InsecureUrl {
        /// The URL.
        url: String,
    },
    /// An option has a value that cannot be.
    BadOption {
        /// The option.
        name: &'static str,
        /// What it must be.
        why: String,
    },
    /// The environment holds no keys.
    EnvMissing {
        /// The variables that were looked for.
        names: String,
    },
    /// A variable holds something that is no key.
    EnvUnusable {
        /// The variable.
        name: String,
        /// What the engine says of it.
        why: keytide_jose::Error,
    },
    /// No answer, or one that tells of a failure.
    FetchFailed {
        /// From where.
        url: String,
        /// What happened.
        why: String,
    },
    /// No answer within the time set.
    FetchTimedOut {
        /// From where.
        url: String,
        /// The option that was met.
        limit: &'static str,
        /// Its value.
        after: Duration,
    },
    /// The answer is longer than the limit.
    AnswerTooLarge {
        /// From where.
        url: String,
        /// The limit `max_bytes`.
        max_bytes: usize,
    },
    /// The answer is no JWK Set.
    SetRefused {
        /// From where.
        url: String,
        /// What the engine says of it.
        why: keytide_jose::Error,
    },
    /// A public set holds a private or secret key. None of its keys is used.
    PrivateKeyPublished {
        /// From where.
        url: String,
    },
    /// The set has no key that could verify.
    NoUsableKey {
        /// From where.
        url: String,
        /// How many keys were passed over.
        skipped: usize,
        /// Why the first of them was.
        first: Option<keytide_jose::Error>,
    },
    /// A Keytide server refuses.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's code.
        code: String,
        /// The server's words.
        message: String,
        /// The server's hint.
        hint: String,
    },
    /// What answers is not a Keytide server of this version.
    BadAnswer {
        /// From where.
        url: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// The set was fetched too long ago to be used, and could not be fetched again.
    Stale {
        /// How old it is.
        age: Duration,
        /// How old it may become.
        limit: Duration,
        /// Why it could not be fetched again.
        last: Box<Error>,
    },
    /// The ring has no key to sign with.
    VerifyOnly {
        /// Where its keys come from.
        source: String,
    },
    /// A token or key was refused; the code is the engine's.
    Engine(keytide_jose::Error),
}

impl Error {
    /// The stable code: one of [`CODES`], of the engine's codes, or of the server's.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::AnswerTooLarge { max_bytes, .. } => too_large(*max_bytes).code(),
            Self::Engine(error) => error.code(),
            _ => self.entry().code,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Cow<'_, str> {
        match self {
            Self::Refused { hint, .. } => Cow::Borrowed(hint),
            Self::AnswerTooLarge { max_bytes, .. } => {
                Cow::Borrowed(too_large(*max_bytes).hint().unwrap_or_default())
            }
            Self::Engine(error) => Cow::Borrowed(error.hint().unwrap_or_default()),
            _ => Cow::Borrowed(self.entry().hint),
        }
    }

    /// Whether the keys could not be had, so that nothing is said about the token: the network, the
    /// server, or a set that is none.
    #[must_use]
    pub fn is_fetch_error(&self) -> bool {
        matches!(
            self,
            Self::FetchFailed { .. }
                | Self::FetchTimedOut { .. }
                | Self::AnswerTooLarge { .. }
                | Self::SetRefused { .. }
                | Self::PrivateKeyPublished { .. }
                | Self::NoUsableKey { .. }
                | Self::Refused { .. }
                | Self::BadAnswer { .. }
                | Self::Stale { .. }
        )
    }

    fn entry(&self) -> &'static keytide_jose::Code {
        match self {
            Self::BadUrl { .. } => &code::BAD_URL,
            Self::InsecureUrl { .. } => &code::INSECURE_URL,
            Self::BadOption { .. } => &code::BAD_OPTION,
            Self::EnvMissing { .. } => &code::ENV_MISSING,
            Self::EnvUnusable { .. } => &code::ENV_UNUSABLE,
            Self::FetchFailed { .. } => &code::FETCH_FAILED,
            Self::FetchTimedOut { .. } => &code::FETCH_TIMED_OUT,
            Self::SetRefused { .. } => &code::SET_REFUSED,
            Self::PrivateKeyPublished { .. } => &code::PRIVATE_KEY_PUBLISHED,
            Self::NoUsableKey { .. } => &code::NO_USABLE_KEY,
            Self::Stale { .. } => &code::STALE,
            Self::VerifyOnly { .. } => &code::VERIFY_ONLY,
            Self::BadAnswer { .. }
            | Self::Refused { .. }
            | Self::AnswerTooLarge { .. }
            | Self::Engine(_) => &code::BAD_ANSWER,
        }
    }
}

fn too_large(max_bytes: usize) -> keytide_jose::Error {
    keytide_jose::Error::TooLarge { limit: "max_bytes", max: max_bytes }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadUrl { url, why } => write!(f, "{url:?}: {why}"),
            Self::InsecureUrl { url } => {
                write!(f, "{url}: over plain HTTP, whoever is on the way could forge tokens")
            }
            Self::BadOption { name, why } => write!(f, "the option {name} {why}"),
            Self::EnvMissing { names } => write!(f, "no keys in the environment: {names}"),
            Self::EnvUnusable { name, why } => write!(f, "{name}: {why}"),
            Self::FetchFailed { url, why } => write!(f, "{url}: {why}"),
            Self::FetchTimedOut { url, limit, after } => {
                write!(f, "{url}: no whole answer within the {limit} of {after:?}")
            }
            Self::AnswerTooLarge { url, max_bytes } => {
                write!(f, "{url}: {}", too_large(*max_bytes))
            }
            Self::SetRefused { url, why } => write!(f, "{url}: the answer is no key set: {why}"),
            Self::PrivateKeyPublished { url } => {
                write!(f, "{url}: a private key stands in the public set, which is not used")
            }
            Self::NoUsableKey { url, skipped: 0, .. } => write!(f, "{url}: the set is empty"),
            Self::NoUsableKey { url, skipped, first } => {
                write!(f, "{url}: none of the {skipped} keys of the set can be used")?;
                match first {
                    Some(first) => write!(f, "; the first: {first}"),
                    None => Ok(()),
                }
            }
            Self::Refused { status, message, .. } => write!(f, "HTTP {status}: {message}"),
            Self::BadAnswer { url, why } => write!(f, "{url}: {why}"),
            Self::Stale { age, limit, last } => write!(
                f,
                "the keys are {} s old and may be used for {} s; they could not be fetched again: {last}",
                age.as_secs(),
                limit.as_secs()
            ),
            Self::VerifyOnly { source } => write!(f, "{source} has no key to sign with"),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::EnvUnusable { why, .. } | Self::SetRefused { why, .. } => Some(why),
            Self::Stale { last, .. } => Some(last.as_ref()),
            _ => None,
        }
    }
}

impl From<keytide_jose::Error> for Error {
    fn from(error: keytide_jose::Error) -> Self {
        Self::Engine(error)
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        mod code {
            use keytide_jose::Code;
            $(pub(super) const $name: Code = Code::new($code, $meaning, $hint);)*
        }

        /// Every code this crate can report beside the engine's and the server's.
        pub const CODES: &[keytide_jose::Code] = &[$(code::$name),*];
    };
}

codes! {
    BAD_URL = "bad_url", "The URL is not one that keys are fetched from.",
        "Write it whole, with https, and without credentials: https://id.example/.well-known/jwks.json, or https://keys.example:7430/rings/NAME for a ring.";
    INSECURE_URL = "insecure_url", "Keys would come over plain HTTP from another machine.",
        "Use https. If nobody can be on the way, say so with the option allow_plain_http.";
    BAD_OPTION = "bad_option", "An option of the client has a value that cannot be.",
        "Give it a value within the range that the message names.";
    ENV_MISSING = "env_missing", "No variable of the environment holds keys.",
        "Start the program with `keytide run`, or set JWT_KEYS (a JWK Set) or JWT_SECRET.";
    ENV_UNUSABLE = "env_unusable", "A variable of the environment holds something that is no key.",
        "Set it to what the message asks for, with no quotes around it; `keytide secret` makes a secret.";
    FETCH_FAILED = "fetch_failed", "The key set cannot be fetched.",
        "Check the address; redirects are not followed, and the answer must be a JWK Set.";
    FETCH_TIMED_OUT = "fetch_timed_out", "The key set did not come in time.",
        "Check that the server answers; raise the named option if it is known to be that slow.";
    SET_REFUSED = "set_refused", "What was fetched is no JWK Set.",
        "Check that the address is that of a JWK Set (RFC 7517 §5), such as the jwks_uri of an issuer.";
    PRIVATE_KEY_PUBLISHED = "private_key_published", "A public set holds a private key.",
        "Tell the issuer at once: whoever reads the set can sign. The set is used again when it holds public keys alone.";
    NO_USABLE_KEY = "no_usable_key", "The set holds no key that could verify a token.",
        "See why each key was passed over; allow the issuer's algorithms by name if they are not allowed.";
    BAD_ANSWER = "bad_answer", "The answer is not that of a Keytide server.",
        "Check that the address is that of a ring on a Keytide server of this version.";
    STALE = "stale", "The keys are older than they may be used, and cannot be fetched again.",
        "Restore the connection to the server; the client goes on by itself. stale_for says how long an outage is borne.";
    VERIFY_ONLY = "verify_only", "The ring can verify and not sign.",
        "Connect to the ring's server with a token that has the permission `sign`, or give a private key.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_and_the_servers_codes_pass_through() {
        let engine = Error::from(keytide_jose::Error::BadSignature);
        assert_eq!((engine.code(), engine.is_fetch_error()), ("bad_signature", false));
        let too_large = Error::AnswerTooLarge { url: "https://a".into(), max_bytes: 7 };
        assert_eq!(too_large.code(), "too_large");
        assert_eq!(too_large.to_string(), "https://a: larger than the limit max_bytes of 7");
        let refused = Error::Refused {
            status: 404,
            code: "ring_not_found".into(),
            message: "no ring".into(),
            hint: "List the rings.".into(),
        };
        assert_eq!((refused.code(), &*refused.hint()), ("ring_not_found", "List the rings."));
    }

    #[test]
    fn each_code_stands_once_and_is_not_the_engines() {
        let mut codes: Vec<_> =
            CODES.iter().chain(keytide_jose::CODES).map(|code| code.code).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
