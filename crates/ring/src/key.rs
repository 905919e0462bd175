//! One key of a ring: what is known of it without its secret, and where it is in its life.

use jiff::Timestamp;
use keytide_jose::jwk::PublicJwk;
use keytide_jose::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};

use crate::{Epoch, Span};

/// A key's public facts. The secret itself stays with the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Its name.
    pub kid: KeyId,
    /// The one algorithm that it serves.
    pub algorithm: Algorithm,
    /// The epoch in which it was made.
    pub born: Epoch,
    /// The epoch in which it was published, for the last time where that happened again.
    pub published_in: Epoch,
    /// The epoch in which it came into the state that it is in.
    pub since: Epoch,
    /// When it was published, for the last time where that happened again.
    pub published_at: Timestamp,
    /// L as remembered for this key: the longest token life permitted while it was active.
    pub longest_ttl: Span,
    /// Its public half; none for a symmetric key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<PublicJwk>,
    /// Where it is in its life.
    #[serde(flatten)]
    pub state: State,
}

impl Key {
    /// Whether it was published again after it had left the set.
    pub(crate) fn was_published_before(&self) -> bool {
        self.published_in > self.born && matches!(self.state, State::Published)
    }
}

/// Where a key is in its life, with the instants that led there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Verifies, does not sign yet.
    Published,
    /// Signs.
    Active {
        /// When it began to sign.
        activated_at: Timestamp,
    },
    /// Verifies only.
    Retiring {
        /// When it began to sign.
        activated_at: Timestamp,
        /// When its deactivation was committed.
        deactivated_at: Timestamp,
    },
    /// In no set; sealed until the rollback window ends.
    Retired {
        /// When it began to sign.
        activated_at: Timestamp,
        /// When its deactivation was committed.
        deactivated_at: Timestamp,
        /// When it left the set.
        removed_at: Timestamp,
    },
    /// Its secret is gone.
    Destroyed {
        /// When it left the set.
        removed_at: Timestamp,
        /// When its secret was destroyed.
        destroyed_at: Timestamp,
        /// When it began to sign, if it ever did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activated_at: Option<Timestamp>,
        /// When it stopped, if it ever began.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deactivated_at: Option<Timestamp>,
    },
    /// Not to be trusted any more, whatever it was before.
    Revoked {
        /// When the revocation was committed.
        revoked_at: Timestamp,
        /// Until when a verifier may still trust it (I6).
        exposed_until: Timestamp,
        /// When it began to sign, if it ever did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activated_at: Option<Timestamp>,
        /// When it stopped, if it ever began.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deactivated_at: Option<Timestamp>,
        /// When its secret was destroyed, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        destroyed_at: Option<Timestamp>,
    },
}

impl State {
    /// The state's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Active { .. } => "active",
            Self::Retiring { .. } => "retiring",
            Self::Retired { .. } => "retired",
            Self::Destroyed { .. } => "destroyed",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// Whether a key in this state is in the set that verifies.
    pub fn verifies(&self) -> bool {
        matches!(self, Self::Published | Self::Active { .. } | Self::Retiring { .. })
    }

    /// Whether the store must still hold the secret.
    pub fn has_secret(&self) -> bool {
        match self {
            Self::Published
            | Self::Active { .. }
            | Self::Retiring { .. }
            | Self::Retired { .. }
            | Self::Revoked { destroyed_at: None, .. } => true,
            Self::Destroyed { .. } | Self::Revoked { .. } => false,
        }
    }

    /// When the key began to sign, if it ever did.
    pub fn activated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Published => None,
            Self::Active { activated_at }
            | Self::Retiring { activated_at, .. }
            | Self::Retired { activated_at, .. } => Some(activated_at),
            Self::Destroyed { activated_at, .. } | Self::Revoked { activated_at, .. } => {
                activated_at
            }
        }
    }

    /// When the key stopped signing, if it ever began.
    pub fn deactivated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Published | Self::Active { .. } => None,
            Self::Retiring { deactivated_at, .. } | Self::Retired { deactivated_at, .. } => {
                Some(deactivated_at)
            }
            Self::Destroyed { deactivated_at, .. } | Self::Revoked { deactivated_at, .. } => {
                deactivated_at
            }
        }
    }

    /// When the key left the set that verifies, if it did.
    pub fn left_set_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Published | Self::Active { .. } | Self::Retiring { .. } => None,
            Self::Retired { removed_at, .. } | Self::Destroyed { removed_at, .. } => {
                Some(removed_at)
            }
            Self::Revoked { revoked_at, .. } => Some(revoked_at),
        }
    }

    /// When the secret was destroyed, if it was.
    pub fn destroyed_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Destroyed { destroyed_at, .. } => Some(destroyed_at),
            Self::Revoked { destroyed_at, .. } => destroyed_at,
            _ => None,
        }
    }
}
