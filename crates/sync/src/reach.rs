//! What a target's settings make use of, of the machine that syncs: its files, its variables, its own identity.

use std::path::PathBuf;

use crate::Credential;

/// One such thing. Whoever takes settings from elsewhere decides by these what they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// The copy is this file, or in this folder.
    Writes(PathBuf),
    /// This file is read, and what it holds is sent to the place.
    Reads(PathBuf),
    /// What this variable of the environment holds is sent to the place.
    Variable(String),
    /// The place is spoken to as the machine itself: by an identity that its cloud, its cluster or a
    /// profile of its own gives it.
    Identity {
        /// Whose, for people.
        of: &'static str,
        /// Whether the settings name the address that it is shown to.
        elsewhere: bool,
    },
    /// Credentials name files, commands or addresses of their own, and say what is sent where.
    Delegates(&'static str),
}

impl Credential {
    pub(crate) fn reach(&self) -> Option<Reach> {
        match self {
            Self::Env(name) => Some(Reach::Variable(name.clone())),
            Self::File(path) => Some(Reach::Reads(path.clone())),
            Self::Sealed(_) => None,
        }
    }
}

/// What credentials and a file of certificates make use of.
pub(crate) fn of<'c>(
    credentials: impl IntoIterator<Item = Option<&'c Credential>>,
    ca: Option<&PathBuf>,
) -> Vec<Reach> {
    let mut found: Vec<Reach> =
        credentials.into_iter().flatten().filter_map(Credential::reach).collect();
    found.extend(ca.cloned().map(Reach::Reads));
    found
}
