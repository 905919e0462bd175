//! What the audit log records: who did what to which key, and how it ended. Never a secret, token or claim.

use std::collections::BTreeMap;

use jiff::Timestamp;
use keytide_jose::KeyId;
use serde::{Deserialize, Serialize};

use crate::target::SUBJECT;
use crate::{Epoch, RingName};

/// Who acts, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The subject of the credential, or `schedule`.
    pub subject: String,
    /// The address it came from, when it came over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl Actor {
    /// Keytide itself, acting on time.
    pub fn schedule() -> Self {
        Self { subject: "schedule".to_owned(), from: None }
    }

    /// Keytide itself, keeping copies.
    pub fn sync() -> Self {
        Self { subject: SUBJECT.to_owned(), from: None }
    }

    /// Somebody with a name, at the machine itself.
    pub fn local(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), from: None }
    }

    /// Somebody with a name, over the network.
    pub fn remote(subject: impl Into<String>, from: impl Into<String>) -> Self {
        Self { subject: subject.into(), from: Some(from.into()) }
    }
}

/// What was done, or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The store was made.
    StoreCreate,
    /// An older database was accepted: every epoch was raised.
    StoreAccept,
    /// The store's master key was replaced.
    MasterKeyReplace,
    /// A backup was made.
    StoreBackup,
    /// The store's master key was split into shares, and its file removed.
    StoreSeal,
    /// A master key that shares gave was put back.
    StoreUnseal,
    /// A ring was made.
    RingCreate,
    /// A ring was destroyed.
    RingDestroy,
    /// A key was published.
    KeyPublish,
    /// A key began to sign.
    KeyActivate,
    /// A key stopped signing.
    KeyDeactivate,
    /// A key left the set.
    KeyRetire,
    /// A key's secret was destroyed.
    KeyDestroy,
    /// A key was revoked.
    KeyRevoke,
    /// The key before signs again, or is published to do so.
    KeyRollback,
    /// A switch was asked for as soon as it is safe.
    SwitchPlan,
    /// A ring's policy was changed.
    PolicyChange,
    /// A consumer was declared.
    ConsumerAdd,
    /// A consumer is no more.
    ConsumerRemove,
    /// An operator answered for a consumer that could not acknowledge.
    ConsumerAssume,
    /// An instance of a consumer was given a ring's keys for the first time.
    KeyDeliver,
    /// Somebody is told of a ring's changes from now on.
    WebhookAdd,
    /// Somebody is told no more.
    WebhookRemove,
    /// A place holds a copy of a ring's keys from now on.
    TargetAdd,
    /// A target's settings were replaced.
    TargetChange,
    /// A place holds a copy no more.
    TargetRemove,
    /// Somebody else changed a copy.
    TargetDrift,
    /// A private key left the store.
    KeyExport,
    /// A credential was issued.
    AccessGrant,
    /// The credentials of a subject were withdrawn.
    AccessEnd,
    /// A credential was refused.
    AccessRefuse,
}

impl Action {
    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StoreCreate => "store_create",
            Self::StoreAccept => "store_accept",
            Self::MasterKeyReplace => "master_key_replace",
            Self::StoreBackup => "store_backup",
            Self::StoreSeal => "store_seal",
            Self::StoreUnseal => "store_unseal",
            Self::RingCreate => "ring_create",
            Self::RingDestroy => "ring_destroy",
            Self::KeyPublish => "key_publish",
            Self::KeyActivate => "key_activate",
            Self::KeyDeactivate => "key_deactivate",
            Self::KeyRetire => "key_retire",
            Self::KeyDestroy => "key_destroy",
            Self::KeyRevoke => "key_revoke",
            Self::KeyRollback => "key_rollback",
            Self::SwitchPlan => "switch_plan",
            Self::PolicyChange => "policy_change",
            Self::ConsumerAdd => "consumer_add",
            Self::ConsumerRemove => "consumer_remove",
            Self::ConsumerAssume => "consumer_assume",
            Self::KeyDeliver => "key_deliver",
            Self::WebhookAdd => "webhook_add",
            Self::WebhookRemove => "webhook_remove",
            Self::TargetAdd => "target_add",
            Self::TargetChange => "target_change",
            Self::TargetRemove => "target_remove",
            Self::TargetDrift => "target_drift",
            Self::KeyExport => "key_export",
            Self::AccessGrant => "access_grant",
            Self::AccessEnd => "access_end",
            Self::AccessRefuse => "access_refuse",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Result {
    /// It happened.
    Done,
    /// It was refused, with this error code.
    Refused(String),
}

/// One thing to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// In which ring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring: Option<RingName>,
    /// To which key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<KeyId>,
    /// In which epoch it took effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// How it ended.
    pub result: Result,
    /// Why, in the words of whoever did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Further facts by name, such as `forced` and `risked_seconds`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, String>,
}

impl Event {
    /// Something that happened.
    pub fn done(actor: Actor, action: Action) -> Self {
        Self {
            actor,
            action,
            ring: None,
            kid: None,
            epoch: None,
            result: Result::Done,
            reason: None,
            detail: BTreeMap::new(),
        }
    }

    /// Something that was refused with this code.
    pub fn refused(actor: Actor, action: Action, code: &str) -> Self {
        Self { result: Result::Refused(code.to_owned()), ..Self::done(actor, action) }
    }

    /// In this ring.
    #[must_use]
    pub fn ring(mut self, ring: &RingName) -> Self {
        self.ring = Some(ring.clone());
        self
    }

    /// To this key.
    #[must_use]
    pub fn kid(mut self, kid: &KeyId) -> Self {
        self.kid = Some(kid.clone());
        self
    }

    /// In this epoch.
    #[must_use]
    pub fn epoch(mut self, epoch: Epoch) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// For this reason.
    #[must_use]
    pub fn reason(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    /// With this further fact.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.detail.insert(name.to_owned(), value.to_string());
        self
    }
}

/// A recorded event, in its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its place: 1, 2, 3 … without a gap.
    pub seq: u64,
    /// When it was recorded, by the store's clock.
    pub at: Timestamp,
    /// What was recorded.
    #[serde(flatten)]
    pub event: Event,
    /// The hash of the record before it, in hex.
    pub previous: String,
    /// The hash of this record with `previous` in it, in hex.
    pub hash: String,
}

/// The end of the audit log at some time, signed with the log's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The place of the newest record then.
    pub seq: u64,
    /// Its hash, in hex.
    pub hash: String,
    /// When it was signed.
    pub at: Timestamp,
    /// The thumbprint (RFC 7638) of the key.
    pub key: KeyId,
    /// The Ed25519 signature, in hex.
    pub signature: String,
}

/// What a walk along the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// How many records were read.
    pub records: u64,
    /// The hash of the newest one, in hex.
    pub head: String,
    /// How many signed heads were held against it.
    #[serde(default)]
    pub signed_heads: u64,
    /// The first place where the chain is broken, and how; none when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Break>,
}

/// Where and how an audit chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The record at fault, or the one that should stand there.
    pub seq: u64,
    /// What is wrong with it.
    pub what: String,
}
