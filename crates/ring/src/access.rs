//! Who may ask for what: access tokens as they are stored, and the permissions they carry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Sign tokens.
    Sign,
    /// Verify tokens.
    Verify,
    /// See rings, their policies and what they will do.
    ReadRings,
    /// Fetch rings' keys to work with them, secrets included, and acknowledge them.
    ReadKeys,
    /// Rotate, activate, roll back, and answer for consumers.
    Rotate,
    /// Revoke keys.
    Revoke,
    /// Make, change and destroy rings, and destroy keys.
    Admin,
    /// Read the audit log.
    Audit,
}

impl Permission {
    /// Every permission: what the operator has.
    pub const ALL: [Self; 8] = [
        Self::Sign,
        Self::Verify,
        Self::ReadRings,
        Self::ReadKeys,
        Self::Rotate,
        Self::Revoke,
        Self::Admin,
        Self::Audit,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::ReadRings => "read-rings",
            Self::ReadKeys => "read-keys",
            Self::Rotate => "rotate",
            Self::Revoke => "revoke",
            Self::Admin => "admin",
            Self::Audit => "audit",
        }
    }
}

/// The SHA-256 of an access token: what is stored and looked up, never the token itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AccessTokenHash(pub [u8; 32]);

/// An access token as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The hash by which it is found.
    pub hash: AccessTokenHash,
    /// Whom it stands for in the audit log.
    pub subject: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working; never, if none.
    pub expires_at: Option<Timestamp>,
}

impl AccessToken {
    /// Whether it works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
