//! The same keys, elsewhere: what holds a copy of a ring, and when that copy counts.
//!
//! A [`Target`] reads and writes one copy in one place. What is written is a [`Document`]: the set of
//! one epoch, whole. A copy counts once it was written *and read back equal*; only then does the ring
//! hear that it has arrived.

#[cfg(feature = "aws")]
pub use aws::{Aws, AwsAccess, AwsKeys, AwsSettings, KmsWrap};
pub use document::{Content, Document, Names};
pub use error::{CODES, Error};
pub use target::{Held, Target, Version};

#[cfg(feature = "aws")]
mod aws;
mod document;
mod error;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod said;
mod target;
