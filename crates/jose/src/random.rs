//! Where randomness comes in: an argument, so that tests can repeat it.

use crate::{Result, backend};

/// A source of random bytes fit for keys.
pub trait Rng {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`crate::Error::Random`] when the source has failed; `out` must then not be used.
    fn fill(&mut self, out: &mut [u8]) -> Result<()>;
}

/// The operating system's CSPRNG.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        backend::random::fill(out)
    }
}
