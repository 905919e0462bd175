//! What every target promises, against the real thing where it can run here.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::print_stdout, reason = "a test that does not run says why")]

#[cfg(feature = "aws")]
mod aws;
mod documents;
mod programs;
