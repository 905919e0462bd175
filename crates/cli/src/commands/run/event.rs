//! What happens to a supervisor, in the order in which it hears of it.

use std::sync::Arc;

use keytide_client::Delivery;

use super::supply::Begun;
use crate::error::Failure;

/// Something happened.
pub(super) enum Event {
    /// A signal came, from the kernel or from a process. The kernel's stand for a terminal's keys.
    Signal { number: i32, by_kernel: bool },
    /// The nth ring has its first keys, or none.
    First(usize, Result<Box<Begun>, Failure>),
    /// The nth ring has other keys.
    Delivered(usize, Arc<Delivery>),
    /// The nth ring's server was away, and may have forgotten what was told to it.
    Back(usize),
    /// There is something to say.
    Say(String),
    /// There is something to warn of.
    Warn(String),
    /// A check of the program's readiness ended, well or not.
    Checked { ticket: u64, is_ready: bool },
}
