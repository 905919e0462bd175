//! Why a scan could not be made: a stable code, a message, a hint.

use core::fmt;

/// Why there is no report.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The place to scan cannot be read.
    Unreadable(String),
    /// There is no git repository, or it cannot be read.
    Git(String),
    /// `keytide.toml` or the baseline is not what it must be.
    Config(String),
    /// It was told to stop.
    Cancelled,
}

/// One code with its meaning and hint.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Code {
    /// Stable.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub hint: &'static str,
}

const fn code(code: &'static str, meaning: &'static str, hint: &'static str) -> Code {
    Code { code, meaning, hint }
}

/// Every code of this crate.
pub const CODES: &[Code] = &[
    code(
        "scan_unreadable",
        "The place to scan cannot be read.",
        "Check the path and its permissions.",
    ),
    code(
        "scan_git",
        "The git repository cannot be read.",
        "Run it inside of a repository, and check the revision's name.",
    ),
    code(
        "scan_config",
        "`keytide.toml` or the baseline is malformed.",
        "See docs/scan.md for what they may hold.",
    ),
    code(
        "scan_cancelled",
        "The scan was stopped.",
        "Start it again; what was found until then is not reported.",
    ),
];

impl Error {
    fn row(&self) -> &'static Code {
        let at = match self {
            Self::Unreadable(_) => 0,
            Self::Git(_) => 1,
            Self::Config(_) => 2,
            Self::Cancelled => 3,
        };
        &CODES[at]
    }

    /// Stable, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().code
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.row().hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(message) | Self::Git(message) | Self::Config(message) => {
                f.write_str(message)
            }
            Self::Cancelled => f.write_str("the scan was stopped"),
        }
    }
}

impl std::error::Error for Error {}
