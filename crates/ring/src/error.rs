//! Every refusal of this crate: a stable code, what was wrong with which value, and what to do next.

use jiff::Timestamp;
use keytide_jose::{Code, KeyId};
use serde_json::{Map, Value, json};

use crate::evidence::Waiting;
use crate::{Epoch, RingName, Span, TargetName};

/// A refusal by the rules, by the input, or by the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A ring's name that is none.
    #[error("`{given}` is not a ring's name")]
    BadRingName {
        /// What was given, cut short.
        given: String,
    },
    /// A duration that is none.
    #[error("`{given}` is not a usable duration: {why}")]
    BadSpan {
        /// What was given, cut short.
        given: String,
        /// Why not.
        why: String,
    },
    /// A consumer that cannot be declared so.
    #[error("consumer `{name}`: {why}")]
    BadConsumer {
        /// Its name.
        name: String,
        /// Why not.
        why: String,
    },
    /// I5: a policy whose terms contradict each other.
    #[error("the policy cannot hold: {field}: {why}")]
    PolicyCannotHold {
        /// The field at fault.
        field: &'static str,
        /// Why, with the value that could hold.
        why: String,
    },
    /// I4: a switch before the next key is known everywhere.
    #[error(
        "key `{kid}` may not sign yet: {}; it is safe from {earliest_safe_at} on",
        binding.explain(*term, *held_until)
    )]
    ActivationTooEarly {
        /// The published key.
        kid: KeyId,
        /// When it will be safe.
        earliest_safe_at: Timestamp,
        /// The term that contributes most to the wait.
        binding: BindingTerm,
        /// How long that term is.
        term: Span,
        /// The instant at which that term alone runs out.
        held_until: Timestamp,
    },
    /// I4 where no timer helps: a switch before everybody has the next key.
    #[error("key `{kid}` may not sign yet: {}", waited_for(waits_for))]
    NotAcknowledged {
        /// The published key.
        kid: KeyId,
        /// Those who have yet to load it.
        waits_for: Vec<Waiting>,
    },
    /// What an instance says of itself cannot be.
    #[error("what an instance says of itself cannot be true in ring `{ring}`: {why}")]
    BadCheckIn {
        /// The ring.
        ring: RingName,
        /// Why not.
        why: String,
    },
    /// One instance more than a ring keeps count of.
    #[error("ring `{ring}` keeps count of {limit} instances at most, and has as many")]
    TooManyInstances {
        /// The ring.
        ring: RingName,
        /// The limit.
        limit: usize,
    },
    /// No such consumer in the ring.
    #[error("ring `{ring}` has no consumer `{consumer}`{}", known_consumers(known))]
    ConsumerNotFound {
        /// The ring.
        ring: RingName,
        /// The consumer.
        consumer: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A consumer of that name is declared already.
    #[error("ring `{ring}` has a consumer `{consumer}` already")]
    ConsumerExists {
        /// The ring.
        ring: RingName,
        /// The consumer.
        consumer: String,
    },
    /// A change that would make valid tokens worthless.
    #[error("{field} of ring `{ring}` cannot change: {why}")]
    PolicyFixed {
        /// The ring.
        ring: RingName,
        /// The field at fault.
        field: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// A policy that cannot be read.
    #[error("the policy cannot be read: {why}")]
    BadPolicy {
        /// Why not.
        why: String,
    },
    /// There is no key to go back to.
    #[error("ring `{ring}` has no key to go back to: {why}")]
    NothingToRollBack {
        /// The ring.
        ring: RingName,
        /// Why not.
        why: &'static str,
    },
    /// A dangerous change without a reason.
    #[error("{what} needs a reason, which goes into the audit log")]
    ReasonRequired {
        /// What was asked for.
        what: &'static str,
    },
    /// A reason that is an essay.
    #[error("the reason has {length} bytes, more than {limit}")]
    ReasonTooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The set holds as many keys as a verifier can be asked to keep.
    #[error(
        "the set of ring `{ring}` holds {keys} keys already; the next one leaves it at {frees_at}"
    )]
    SetFull {
        /// The ring.
        ring: RingName,
        /// How many keys it holds.
        keys: usize,
        /// When there will be room.
        frees_at: Timestamp,
    },
    /// No such ring.
    #[error("there is no ring `{ring}`")]
    RingNotFound {
        /// Its name.
        ring: RingName,
    },
    /// The name is taken.
    #[error("there is a ring `{ring}` already")]
    RingExists {
        /// Its name.
        ring: RingName,
    },
    /// No such key in the ring.
    #[error("ring `{ring}` has no key `{kid}`")]
    KeyNotFound {
        /// The ring.
        ring: RingName,
        /// The key.
        kid: KeyId,
    },
    /// The key is not in the state that the change needs.
    #[error("key `{kid}` is {state}: {why}")]
    WrongState {
        /// The key.
        kid: KeyId,
        /// Its state.
        state: &'static str,
        /// Why that is in the way.
        why: &'static str,
    },
    /// Somebody else changed the ring first.
    #[error("ring `{ring}` is at epoch {found}, not {expected}: somebody else changed it")]
    Conflict {
        /// The ring.
        ring: RingName,
        /// The epoch that the change was based on.
        expected: Epoch,
        /// The epoch that was found.
        found: Epoch,
    },
    /// The same secret in two places.
    #[error("the secret is in use already, by ring `{other}`")]
    SecretInUse {
        /// The ring that has it.
        other: RingName,
    },
    /// Stored parts that make no ring.
    #[error("ring `{ring}` is not consistent: {why}")]
    RingInconsistent {
        /// The ring.
        ring: RingName,
        /// What is wrong with it.
        why: String,
    },
    /// This node has not heard from the store for too long, and keeps its hands off.
    #[error("this node last heard from its store {age} ago, longer than {what} ({limit})")]
    Fenced {
        /// How long ago.
        age: Span,
        /// The term that limits it.
        what: &'static str,
        /// Its value.
        limit: Span,
    },
    /// The wall clock jumped, and the schedule waits.
    #[error(
        "the clock of the store jumped by {by}: nothing is done on time until it is back or that time has passed"
    )]
    ClockJumped {
        /// By how much, negative for back.
        by: String,
    },
    /// I3: a longer life than the ring permits.
    #[error("a token of ring `{ring}` lives for at most {limit}, not {asked}")]
    TtlTooLong {
        /// The ring.
        ring: RingName,
        /// L.
        limit: Span,
        /// What was asked for.
        asked: String,
    },
    /// A claim that contradicts the ring, or that only the ring may set.
    #[error("claim `{claim}`: {why}")]
    ClaimConflict {
        /// The claim.
        claim: &'static str,
        /// Why it cannot stand.
        why: String,
    },
    /// A verification leeway beyond σ.
    #[error("a leeway of {asked} is more than ring `{ring}` respects ({limit})")]
    LeewayTooLong {
        /// The ring.
        ring: RingName,
        /// σ.
        limit: Span,
        /// What was asked for.
        asked: Span,
    },
    /// A credential that cannot be issued.
    #[error("the access token cannot be issued: {why}")]
    BadAccess {
        /// Why not.
        why: String,
    },
    /// A webhook that cannot be declared so.
    #[error("the webhook cannot be declared: {why}")]
    BadWebhook {
        /// Why not.
        why: String,
    },
    /// No such webhook of the ring.
    #[error("ring `{ring}` has no webhook `{id}`")]
    WebhookNotFound {
        /// The ring.
        ring: RingName,
        /// The webhook.
        id: String,
    },
    /// A name that no target can have.
    #[error("`{given}` cannot be a target's name")]
    BadTargetName {
        /// What was given.
        given: String,
    },
    /// The ring has a target of this name.
    #[error("ring `{ring}` has a target `{target}` already")]
    TargetExists {
        /// The ring.
        ring: RingName,
        /// The target.
        target: TargetName,
    },
    /// No such target of the ring.
    #[error("ring `{ring}` has no target `{target}`")]
    TargetNotFound {
        /// The ring.
        ring: RingName,
        /// The target.
        target: TargetName,
    },
    /// The ring has as many targets as it may have.
    #[error("ring `{ring}` has {limit} targets, and that is the limit")]
    TooManyTargets {
        /// The ring.
        ring: RingName,
        /// How many it may have.
        limit: usize,
    },
    /// A symmetric ring has no public set.
    #[error("ring `{ring}` is symmetric ({algorithm}): its secret is never in a public set")]
    SymmetricRing {
        /// The ring.
        ring: RingName,
        /// Its algorithm.
        algorithm: keytide_jose::Algorithm,
    },
    /// Discovery needs an issuer, and the ring has none.
    #[error("ring `{ring}` has no issuer")]
    IssuerNotSet {
        /// The ring.
        ring: RingName,
    },
    /// A token or a key that the engine refused.
    #[error(transparent)]
    Jose(#[from] keytide_jose::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A failure of the store: of its medium, or of what was found on it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The master key is not the one that sealed this store.
    #[error("the master key is not the one that sealed this store")]
    WrongMasterKey,
    /// Something was changed behind the store's back.
    #[error("{what} was changed outside Keytide: {why}")]
    Tampered {
        /// What was found changed, such as ``the metadata of ring `a.b` ``.
        what: String,
        /// How that shows.
        why: String,
    },
    /// The store was written by a newer version.
    #[error("the store has format {found}; this version reads up to {known}")]
    TooNew {
        /// The store's format.
        found: u32,
        /// The newest known one.
        known: u32,
    },
    /// Another process holds the store for writing.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// The disk is full.
    #[error("no space is left for the store: {0}")]
    Full(String),
    /// The database is older than it once was, or nothing tells any more how far it had come.
    #[error("{0}")]
    Behind(Behind),
    /// Anything else of the medium.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
}

/// How a database was found to be older than it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database is at generation {generation}, written at {written_at}, {known}")]
pub struct Behind {
    /// How many transactions the database has seen.
    pub generation: u64,
    /// When the last of them was, by the store's clock.
    pub written_at: Timestamp,
    /// What is known of how far it should be.
    pub known: KnownOutside,
}

/// What is known outside a database of how far it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KnownOutside {
    /// It was further.
    #[error(
        "and its anchor outside it at generation {generation}, written at {written_at}: an older copy was put in its place"
    )]
    Newer {
        /// How many transactions it had seen.
        generation: u64,
        /// When the last of them was.
        written_at: Timestamp,
    },
    /// Nothing: the anchor is gone.
    #[error("and its anchor outside it is gone: whether the database is the newest cannot be told")]
    Missing,
    /// Nothing: the anchor cannot be used.
    #[error(
        "and its anchor outside it cannot be used ({why}): whether the database is the newest cannot be told"
    )]
    Unusable {
        /// Why not.
        why: String,
    },
}

/// The term of the inequality that contributes most to a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BindingTerm {
    /// C, of a declared consumer.
    Consumer {
        /// Which one.
        name: String,
    },
    /// C, as the published set's `max-age`.
    MaxAge,
    /// P.
    Propagation,
    /// 2ε.
    ClockError,
    /// A lead written longer than the terms demand.
    Lead,
    /// The lead of the policy before, by which somebody may still go.
    FormerPolicy,
}

/// Names those who have yet to acknowledge, at most three of them.
fn waited_for(waits_for: &[Waiting]) -> String {
    let named: Vec<_> = waits_for.iter().take(3).map(Waiting::to_string).collect();
    let more = match waits_for.len().saturating_sub(3) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}{more}", named.join("; "))
}

fn known_consumers(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; it has {}", known.join(", ")) }
}

impl BindingTerm {
    /// Its name for machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Consumer { .. } => "consumer",
            Self::MaxAge => "max_age",
            Self::Propagation => "propagation",
            Self::ClockError => "clock_error",
            Self::Lead => "lead",
            Self::FormerPolicy => "former_policy",
        }
    }

    /// Its name for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Consumer { name } => format!("the cache of consumer `{name}`"),
            Self::MaxAge => "the max-age of the published set".to_owned(),
            Self::Propagation => "the propagation between nodes".to_owned(),
            Self::ClockError => "twice the clock error".to_owned(),
            Self::Lead => "the lead in the policy".to_owned(),
            Self::FormerPolicy => "the lead of the policy before".to_owned(),
        }
    }

    fn explain(&self, term: Span, until: Timestamp) -> String {
        match self {
            Self::Consumer { name } => format!(
                "consumer `{name}` may use a set for {term}, and thus an older one until {until}"
            ),
            Self::MaxAge => format!(
                "a cache may use a set for {term} (max-age), and thus an older one until {until}"
            ),
            Self::Propagation => {
                format!("a node may serve a set for {term}, and thus an older one until {until}")
            }
            Self::ClockError => format!("clocks may disagree by {term}, and thus until {until}"),
            Self::Lead => format!("the policy's lead of {term} runs until {until}"),
            Self::FormerPolicy => {
                format!(
                    "by the policy before, with a lead of {term}, an older set may be in use until {until}"
                )
            }
        }
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal, $hint:literal;)*) => {
        mod code {
            use keytide_jose::Code;
            $(pub(super) const $name: Code = Code::new($code, $meaning, $hint);)*
        }

        /// Every code this crate can report beside the engine's, with its meaning and hint.
        pub const CODES: &[Code] = &[$(code::$name),*];
    };
}

codes! {
    BAD_RING_NAME = "bad_ring_name", "A ring's name has the wrong form.",
        "Write service.environment or service.environment.purpose, each part 1 to 63 of a-z, 0-9 and -.";
    BAD_SPAN = "bad_duration", "A duration could not be read.",
        "Write it as 90d, 15m, 1h 30m or 500ms.";
    BAD_CONSUMER = "bad_consumer", "A consumer is declared in a way that bounds nothing.",
        "Name a profile, or give the longest time for which it may use an old set as `hold`.";
    POLICY_CANNOT_HOLD = "policy_cannot_hold", "The terms of a rotation policy contradict each other.",
        "Change the named field to the value that the message gives.";
    ACTIVATION_TOO_EARLY = "activation_too_early", "The next key is not known everywhere yet.",
        "Wait until earliest_safe_at. To switch now all the same, use force with a reason; valid tokens may then be refused.";
    NOT_ACKNOWLEDGED = "not_acknowledged", "A consumer has not loaded the next key yet.",
        "Restart or reload what is named, or wait until its lease ends. If it was restarted and cannot say so, use assume-restarted with a reason.";
    BAD_CHECK_IN = "bad_check_in", "An acknowledgement or a lease names something that cannot be.",
        "Acknowledge the epoch that came with the keys, under the names by which they were fetched.";
    TOO_MANY_INSTANCES = "too_many_instances", "A ring counts as many instances of consumers as it can.",
        "Give an instance a name that it keeps when it restarts; those that are gone are forgotten an hour after the overlap.";
    CONSUMER_NOT_FOUND = "consumer_not_found", "The ring has no such consumer.",
        "List the ring's consumers.";
    CONSUMER_EXISTS = "consumer_exists", "A consumer of that name is declared already.",
        "Choose another name, or remove it first.";
    POLICY_FIXED = "policy_fixed", "A change of policy would make valid tokens worthless.",
        "Make a new ring with the policy that is wanted, and let its clients move over.";
    BAD_POLICY = "bad_policy", "A policy could not be read.",
        "Correct what the message names.";
    NOTHING_TO_ROLL_BACK = "nothing_to_roll_back", "No earlier key can sign again.",
        "Rotate to the published key instead.";
    REASON_REQUIRED = "reason_required", "A dangerous change was asked for without a reason.",
        "Give a reason; it is kept in the audit log.";
    REASON_TOO_LONG = "reason_too_long", "A reason is longer than the audit log keeps.",
        "Say it in a sentence, and keep the rest elsewhere.";
    SET_FULL = "set_full", "The set holds as many keys as verifiers can be asked to keep.",
        "Wait until a key leaves it, or revoke one that must not be trusted.";
    RING_NOT_FOUND = "ring_not_found", "There is no ring of that name.",
        "List the rings, or make it first.";
    RING_EXISTS = "ring_exists", "A ring of that name exists already.",
        "Choose another name, or use the ring that is there.";
    KEY_NOT_FOUND = "key_not_found", "The ring has no key of that name.",
        "Show the ring to see its keys.";
    WRONG_STATE = "wrong_state", "The key is not in the state that the change needs.",
        "Show the ring to see its keys' states.";
    CONFLICT = "conflict", "Somebody else changed the ring at the same time.",
        "Look at the ring again; the change may have been made already.";
    SECRET_IN_USE = "secret_in_use", "One secret would serve two rings.",
        "Use a secret of its own for each ring; Keytide makes one if you give none.";
    RING_INCONSISTENT = "ring_inconsistent", "The stored keys of a ring contradict each other.",
        "Do not use this store; restore it from a backup, and find out who wrote to it.";
    FENCED = "fenced", "The node has not heard from its store for too long to be sure of its keys.",
        "Restore the connection to the store; the node goes on by itself.";
    CLOCK_JUMPED = "clock_jumped", "The host's clock was set forth or back, and changes of rings wait, but for revocations and forced switches.",
        "Set the clock right. If it is right now, restart the server to say so.";
    TTL_TOO_LONG = "ttl_too_long", "A token would live longer than the ring permits.",
        "Ask for less, or let the ring permit more: change its token_ttl.";
    CLAIM_CONFLICT = "claim_conflict", "A claim contradicts what the ring binds.",
        "Leave the claim out: the ring writes it.";
    LEEWAY_TOO_LONG = "leeway_too_long", "The leeway is more than the ring's overlap allows for.",
        "Ask for less, or change the ring's leeway.";
    BAD_ACCESS = "bad_access", "An access token cannot be issued as asked.",
        "Correct what the message names.";
    BAD_WEBHOOK = "bad_webhook", "A webhook cannot be declared as asked.",
        "Correct what the message names.";
    WEBHOOK_NOT_FOUND = "webhook_not_found", "The ring has no such webhook.",
        "List the ring's webhooks.";
    BAD_TARGET_NAME = "bad_target_name", "No target can have this name.",
        "Name it with 1 to 40 of a-z, 0-9 and -, such as vault-production.";
    TARGET_EXISTS = "target_exists", "The ring has a target of this name.",
        "Choose another name, or replace the target's settings.";
    TARGET_NOT_FOUND = "target_not_found", "The ring has no such target.",
        "List the ring's targets.";
    TOO_MANY_TARGETS = "too_many_targets", "The ring has as many targets as it may have.",
        "Remove one, or let one target serve several readers.";
    SYMMETRIC_RING = "symmetric_ring", "A symmetric secret is never in a public set.",
        "Verify through this server, or use an asymmetric ring (ES256) where others verify.";
    ISSUER_NOT_SET = "issuer_not_set", "Discovery needs an issuer, and the ring has none.",
        "Make the ring with an `issuer`; its set of keys is published all the same.";
    ENGINE_REFUSED = "engine_refused", "The engine refused a token or a key; its own code says why.",
        "See the engine's code.";
    WRONG_MASTER_KEY = "wrong_master_key", "The master key is not the one that sealed the store.",
        "Point Keytide at the master key that was made with this store.";
    TAMPERED = "store_tampered", "Stored data was changed behind Keytide's back.",
        "Nothing was signed with it. Restore the store from a backup, and find out who wrote to it.";
    STORE_TOO_NEW = "store_too_new", "The store was written by a newer version.",
        "Use that version, or a newer one.";
    STORE_BEHIND = "store_behind", "The database is older than its anchor, or the anchor is gone: nothing is signed or changed.",
        "Put the newest database and anchor back. If they are lost, say `keytide restore --accept-epoch --reason …`: it raises every epoch and applies later revocations again.";
    STORE_BUSY = "store_busy", "Another process is writing to the store.",
        "Try again in a moment.";
    STORE_FULL = "store_full", "No space is left for the store.",
        "Make room on its disk; nothing was lost, and signing goes on.";
    STORE_UNAVAILABLE = "store_unavailable", "The store cannot be read or written.",
        "See the message for the cause; nothing was changed.";
}

impl Error {
    /// The stable code: one of [`CODES`], or of the engine's where the engine refused.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.code(),
            other => other.entry().code,
        }
    }

    /// Further facts for machines, the same wherever the error is shown: `kid`, `earliest_safe_at`
    /// and `binding_term` of a switch that came too early, `waits_for` of one that needs somebody's
    /// word.
    pub fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        match self {
            Self::ActivationTooEarly { kid, earliest_safe_at, binding, term, held_until } => {
                let mut binding_term = json!({
                    "name": binding.as_str(),
                    "what": binding.describe(),
                    "value": term,
                    "until": held_until,
                });
                if let BindingTerm::Consumer { name } = binding {
                    binding_term["consumer"] = json!(name);
                }
                facts.insert("kid".to_owned(), json!(kid));
                facts.insert("earliest_safe_at".to_owned(), json!(earliest_safe_at));
                facts.insert("binding_term".to_owned(), binding_term);
            }
            Self::NotAcknowledged { kid, waits_for } => {
                facts.insert("kid".to_owned(), json!(kid));
                facts.insert("waits_for".to_owned(), json!(waits_for));
            }
            _ => {}
        }
        facts
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.hint().unwrap_or_default(),
            other => other.entry().hint,
        }
    }

    fn entry(&self) -> Code {
        match self {
            Self::BadRingName { .. } => code::BAD_RING_NAME,
            Self::BadSpan { .. } => code::BAD_SPAN,
            Self::BadConsumer { .. } => code::BAD_CONSUMER,
            Self::PolicyCannotHold { .. } => code::POLICY_CANNOT_HOLD,
            Self::ActivationTooEarly { .. } => code::ACTIVATION_TOO_EARLY,
            Self::NotAcknowledged { .. } => code::NOT_ACKNOWLEDGED,
            Self::BadCheckIn { .. } => code::BAD_CHECK_IN,
            Self::TooManyInstances { .. } => code::TOO_MANY_INSTANCES,
            Self::ConsumerNotFound { .. } => code::CONSUMER_NOT_FOUND,
            Self::ConsumerExists { .. } => code::CONSUMER_EXISTS,
            Self::PolicyFixed { .. } => code::POLICY_FIXED,
            Self::BadPolicy { .. } => code::BAD_POLICY,
            Self::NothingToRollBack { .. } => code::NOTHING_TO_ROLL_BACK,
            Self::ReasonRequired { .. } => code::REASON_REQUIRED,
            Self::ReasonTooLong { .. } => code::REASON_TOO_LONG,
            Self::SetFull { .. } => code::SET_FULL,
            Self::RingNotFound { .. } => code::RING_NOT_FOUND,
            Self::RingExists { .. } => code::RING_EXISTS,
            Self::KeyNotFound { .. } => code::KEY_NOT_FOUND,
            Self::WrongState { .. } => code::WRONG_STATE,
            Self::Conflict { .. } => code::CONFLICT,
            Self::SecretInUse { .. } => code::SECRET_IN_USE,
            Self::RingInconsistent { .. } => code::RING_INCONSISTENT,
            Self::Fenced { .. } => code::FENCED,
            Self::ClockJumped { .. } => code::CLOCK_JUMPED,
            Self::TtlTooLong { .. } => code::TTL_TOO_LONG,
            Self::ClaimConflict { .. } => code::CLAIM_CONFLICT,
            Self::LeewayTooLong { .. } => code::LEEWAY_TOO_LONG,
            Self::BadWebhook { .. } => code::BAD_WEBHOOK,
            Self::WebhookNotFound { .. } => code::WEBHOOK_NOT_FOUND,
            Self::BadAccess { .. } => code::BAD_ACCESS,
            Self::BadTargetName { .. } => code::BAD_TARGET_NAME,
            Self::TargetExists { .. } => code::TARGET_EXISTS,
            Self::TargetNotFound { .. } => code::TARGET_NOT_FOUND,
            Self::TooManyTargets { .. } => code::TOO_MANY_TARGETS,
            Self::SymmetricRing { .. } => code::SYMMETRIC_RING,
            Self::IssuerNotSet { .. } => code::ISSUER_NOT_SET,
            Self::Jose(_) => code::ENGINE_REFUSED,
            Self::Store(error) => error.entry(),
        }
    }
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.entry().code
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        self.entry().hint
    }

    fn entry(&self) -> Code {
        match self {
            Self::WrongMasterKey => code::WRONG_MASTER_KEY,
            Self::Tampered { .. } => code::TAMPERED,
            Self::TooNew { .. } => code::STORE_TOO_NEW,
            Self::Busy(_) => code::STORE_BUSY,
            Self::Full(_) => code::STORE_FULL,
            Self::Behind(_) => code::STORE_BEHIND,
            Self::Unavailable(_) => code::STORE_UNAVAILABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_snake_case_and_stands_once() {
        let mut codes: Vec<_> = CODES.iter().map(|c| c.code).collect();
        assert!(codes.iter().all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        codes.sort_unstable();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn an_early_switch_names_the_consumer_and_both_instants() {
        let error = Error::ActivationTooEarly {
            kid: "k1".parse().unwrap(),
            earliest_safe_at: "2026-01-01T12:41:37Z".parse().unwrap(),
            binding: BindingTerm::Consumer { name: "istio".into() },
            term: Span::from_secs(1_200),
            held_until: "2026-01-01T12:41:07Z".parse().unwrap(),
        };
        assert_eq!(
            error.to_string(),
            "key `k1` may not sign yet: consumer `istio` may use a set for 20m, and thus an older \
             one until 2026-01-01T12:41:07Z; it is safe from 2026-01-01T12:41:37Z on"
        );
    }
}
