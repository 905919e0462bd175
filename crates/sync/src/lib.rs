//! The same keys, elsewhere: what holds a copy of a ring, and when that copy counts.
//!
//! A [`Target`] reads and writes one copy in one place. What is written is a [`Document`]: the set of
//! one epoch, whole. A copy counts once it was written *and read back equal*; only then does the ring
//! hear that it has arrived.

pub use converge::{Drift, Outcome, Round, converge};
pub use document::{Content, Document, Names};
pub use error::{CODES, Error};
pub use keytide_ring::Span;
pub use standing::{Arrival, Attempt, DriftSeen, Pace, Standing};
pub use target::{Held, Target, Version};

mod converge;
mod document;
mod error;
mod standing;
mod target;
