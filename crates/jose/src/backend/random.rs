//! The system's CSPRNG.

use crate::{Error, Result};

pub(crate) fn fill(out: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(out).map_err(|_| Error::Random)
}
