//! Rules broken on purpose, to prove that the model check notices. In a build that ships none ever is.

/// A rule that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// The lead and the overlap leave out `2ε`.
    NoClockError,
    /// The lead leaves out P.
    NoPropagation,
    /// C counts as nothing.
    NoConsumerHold,
    /// The lead is C alone.
    LeadIsHold,
    /// The overlap is L alone.
    OverlapIsTtl,
    /// Nobody's acknowledgement is waited for.
    NoAcknowledgement,
    /// A commit does not ask whether somebody else was faster.
    NoCompareAndSwap,
    /// A new policy is taken to hold for those who still go by the one before.
    NoFormerPolicy,
    /// The schedule goes by a node's own clock.
    #[cfg(test)]
    LocalClock,
}

/// Whether the rule is broken in this test.
#[cfg(not(test))]
pub(crate) const fn broken(_: Mutant) -> bool {
    false
}

#[cfg(test)]
pub(crate) use under_test::{broken, with};

#[cfg(test)]
mod under_test {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static BROKEN: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    pub(crate) fn broken(mutant: Mutant) -> bool {
        BROKEN.get() == Some(mutant)
    }

    /// Runs `act` on this thread with a rule broken, or none.
    pub(crate) fn with<T>(mutant: Option<Mutant>, act: impl FnOnce() -> T) -> T {
        let before = BROKEN.replace(mutant);
        let result = act();
        BROKEN.set(before);
        result
    }
}
