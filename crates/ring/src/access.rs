//! Who may ask for what: access tokens as they are stored, and the permissions they carry.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Action, Actor, Error, Event, RingName, RingPattern, Span, target};

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
    /// For which rings it allows that.
    pub rings: Vec<RingPattern>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working; never, if none.
    pub expires_at: Option<Timestamp>,
}

/// An access token as it is shown: without its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessView {
    /// Whom it stands for in the audit log.
    pub subject: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// For which rings it allows that.
    pub rings: Vec<RingPattern>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working; never, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Who acts without a credential; a token under such a name would make the log ambiguous.
const RESERVED: [&str; 3] = ["schedule", "unknown", target::SUBJECT];
/// The longest subject, in bytes.
const LONGEST_SUBJECT: usize = 128;

impl FromStr for Permission {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|known| known.as_str()).collect();
            Error::BadAccess { why: format!("no such permission; there are {}", known.join(", ")) }
        })
    }
}

impl AccessToken {
    /// A token to be issued at `now`, which works for `expires_in`, or until it is withdrawn.
    ///
    /// # Errors
    /// `bad_access`: a subject that is none or that the log uses itself, no permission, no ring, or no
    /// time.
    pub fn issue(
        hash: AccessTokenHash,
        subject: &str,
        mut permissions: Vec<Permission>,
        mut rings: Vec<RingPattern>,
        expires_in: Option<Span>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let bad = |why: &str| Err(Error::BadAccess { why: why.to_owned() });
        if subject.is_empty()
            || subject.len() > LONGEST_SUBJECT
            || subject.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            return bad("the subject must have 1 to 128 printable bytes and no space");
        }
        if RESERVED.contains(&subject) {
            return bad("the audit log uses this subject itself");
        }
        permissions.sort_unstable();
        permissions.dedup();
        if permissions.is_empty() {
            return bad("it would permit nothing");
        }
        rings.sort_unstable();
        rings.dedup();
        if rings.is_empty() {
            return bad("it would reach no ring");
        }
        if rings.iter().any(RingPattern::is_all) {
            rings = vec![RingPattern::all()];
        }
        if expires_in == Some(Span::ZERO) {
            return bad("it would never work");
        }
        let expires_at = expires_in.map(|span| span.after(now));
        let subject = subject.to_owned();
        Ok(Self { hash, subject, permissions, rings, created_at: now, expires_at })
    }

    /// The token as it is shown.
    pub fn view(&self) -> AccessView {
        let Self { hash: _, subject, permissions, rings, created_at, expires_at } = self;
        AccessView {
            subject: subject.clone(),
            permissions: permissions.clone(),
            rings: rings.clone(),
            created_at: *created_at,
            expires_at: *expires_at,
        }
    }

    /// What the log keeps when it is issued.
    pub fn granted_by(&self, actor: &Actor) -> Event {
        let permissions: Vec<_> = self.permissions.iter().map(|known| known.as_str()).collect();
        let rings: Vec<_> = self.rings.iter().map(RingPattern::as_str).collect();
        Event::done(actor.clone(), Action::AccessGrant)
            .detail("subject", &self.subject)
            .detail("permissions", permissions.join(","))
            .detail("rings", rings.join(","))
    }

    /// Whether it reaches every ring, and what belongs to none.
    pub fn reaches_all(&self) -> bool {
        self.rings.iter().any(RingPattern::is_all)
    }

    /// Whether it reaches this ring.
    pub fn reaches(&self, ring: &RingName) -> bool {
        self.rings.iter().any(|pattern| pattern.matches(ring))
    }

    /// Whether it works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
