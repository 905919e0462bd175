//! Shares of a master key read from the terminal, where nobody sees them typed, or from stdin, one a line.

use std::io::{BufRead, IsTerminal, Read, Write, stderr, stdin};
use std::path::Path;

use keytide_jose::Secret;
use keytide_store::{MasterKey, Share};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::error::Failure;

/// Reads as many shares as the first one says are needed, and gives the master key.
///
/// # Errors
/// `share_unusable`, `shares_wrong`, a failure to read.
pub(crate) fn ask() -> Result<MasterKey, Failure> {
    let _until_dropped = Hidden::on_terminal();
    let mut shares: Vec<Share> = Vec::new();
    let mut lines = stdin().lock();
    loop {
        let needed = shares.first().map_or(1, |first| usize::from(first.threshold()));
        if shares.len() >= needed && !shares.is_empty() {
            return Ok(MasterKey::from_shares(&shares)?);
        }
        prompt(shares.len() + 1, shares.first().map(Share::threshold));
        // All of a line at once: a buffer that grows leaves copies behind.
        let mut line = String::with_capacity(LONGEST_LINE);
        let read = (&mut lines).take(LONGEST_LINE as u64).read_line(&mut line);
        let line = Secret::new(line.into_bytes());
        if read.map_err(|error| Failure::unreadable(Path::new("stdin"), &error))? == 0 {
            return Ok(MasterKey::from_shares(&shares)?);
        }
        let text = std::str::from_utf8(line.expose()).unwrap_or_default();
        if !text.trim().is_empty() {
            shares.push(Share::parse(text)?);
        }
    }
}

fn prompt(number: usize, needed: Option<u8>) {
    if !stdin().is_terminal() {
        return;
    }
    let of = needed.map(|needed| format!(" of {needed}")).unwrap_or_default();
    let mut to = stderr().lock();
    let _nobody_sees_it = write!(to, "share {number}{of}: ").and_then(|()| to.flush());
}

/// What is typed is not shown, until this is dropped.
struct Hidden(Option<Termios>);

impl Hidden {
    fn on_terminal() -> Self {
        let Ok(before) = tcgetattr(stdin()) else { return Self(None) };
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        let set = tcsetattr(stdin(), OptionalActions::Flush, &hidden);
        Self(set.is_ok().then_some(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _best_effort = tcsetattr(stdin(), OptionalActions::Flush, before);
        }
    }
}

/// Far more than a share has.
const LONGEST_LINE: usize = 1_024;
