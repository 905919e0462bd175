//! Which key signs now, which next, and why: rings, their rotation rules, and the keeper that turns them.
//!
//! Everything that decides is a pure function of a [`Ring`], a [`Command`] and an instant:
//! [`plan::upcoming`] says what falls due and when, [`apply::apply`] makes the change or refuses it.
//! [`Keeper`] joins those decisions to a [`RingStore`], and signs and verifies from memory.
//!
//! The rules are named I1 to I7 throughout:
//!
//! * **I1** a key is published for longer than `P + C + 2ε` before it signs;
//! * **I2** it verifies for longer than `F + L + σ + 2ε` after it stopped signing;
//! * **I3** no token outlives `L`; `iat` is the second in which it was signed;
//! * **I4** a switch by hand before I1 holds is refused, with the instant at which it will be safe;
//! * **I5** a policy that cannot hold is refused when it is written;
//! * **I6** after a revocation a key is trusted for at most `P + C + 2ε`, and signs for at most `F`;
//! * **I7** the next key is always published, so an emergency switch needs no waiting.

mod access;
pub mod apply;
mod clock;
mod clock_watch;
mod consumer;
mod delivery;
mod error;
mod event;
mod evidence;
pub mod explain;
mod jwks;
mod keeper;
mod key;
mod memory;
#[cfg(test)]
mod model;
mod mutant;
mod name;
mod pattern;
pub mod plan;
mod policy;
mod ring;
mod snapshot;
mod span;
mod store;
pub mod target;
mod view;
pub mod webhook;

pub use access::{AccessToken, AccessTokenHash, AccessView, Permission};
pub use apply::{Changes, Command, FreshKey, Outcome, When};
pub use clock::{Clock, ManualClock};
pub use consumer::{
    Bound, Consumer, ConsumerSpec, Hold, Layer, OwnConsumer, PROFILES, Profile, Role,
};
pub use delivery::{Delivered, Delivery, Material};
pub use error::{Behind, BindingTerm, CODES, Error, KnownOutside, StoreError};
pub use event::{
    Action, Actor, AuditRecord, AuditReport, Break, Event, Result as EventResult, SignedHead,
};
pub use evidence::{CheckIn, Evidence, Instance, Loaded, Waiting};
pub use jwks::PublishedSet;
pub use keeper::{Keeper, KeeperConfig, Turned};
pub use key::{Key, State};
pub use memory::MemoryStore;
pub use name::RingName;
pub use pattern::RingPattern;
pub use policy::{Policy, PolicySpec};
pub use ring::{Epoch, Memory, Ring};
pub use snapshot::{SignRequest, Signed, Snapshot, Verification, VerifyRequest};
pub use span::Span;
pub use store::{Commit, Decide, Revision, RingStore, RingSummary, SigningGate, Stored};
pub use target::{KeptTarget, TargetName, TargetView};
pub use view::{Changed, RingView};
pub use webhook::{Attempt, Message, Standing, Webhook, WebhookView};
