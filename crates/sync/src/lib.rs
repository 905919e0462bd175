//! The same keys, elsewhere: what holds a copy of a ring, and when that copy counts.
//!
//! A [`Target`] reads and writes one copy in one place. What is written is a [`Document`]: the set of
//! one epoch, whole. A copy counts once it was written *and read back equal*; only then does the ring
//! hear that it has arrived.

#[cfg(feature = "aws")]
pub use aws::KmsWrap;
#[cfg(feature = "aws")]
pub use aws::{AwsAccess, AwsKeys};
pub use converge::{Drift, Outcome, Round, converge};
pub use credential::{Credential, Surroundings, ThisProcess};
pub use document::{Content, Document, Names};
pub use error::{CODES, Error};
pub use keytide_ring::Span;
pub use reach::Reach;
pub use spec::{Common, KINDS, TargetSpec};
pub use standing::{Arrival, Attempt, DriftSeen, Pace, Standing};
pub use target::{Held, Target, Version};
pub use vault::transit::{TransitSpec, TransitWrap};
pub use withdraw::withdraw;
pub use wrap::{Wrap, WrapSpec};

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "azure")]
mod azure;
mod converge;
mod credential;
mod document;
mod error;
mod files;
#[cfg(feature = "gcp")]
mod gcp;
mod http;
mod kubernetes;
mod reach;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod said;
mod spec;
mod standing;
mod target;
mod vault;
mod withdraw;
mod withheld;
mod wrap;
