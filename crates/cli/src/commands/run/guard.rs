//! A small process beside the supervisor that cleans up after it, should it be killed: no program, no file stays.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use rustix::process::{Pid, setsid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::deliver;
use super::hold::{Hold, own_group};
use crate::error::{self, Exit, Failure};

/// Wait for the end of stdin, then end and remove what it named
#[derive(Args)]
pub(crate) struct GuardArgs {}

/// The name by which the supervisor calls the guard.
pub(super) const VERB: &str = "__guard";

/// This program again, even if its file was replaced since it was started.
pub(super) const ITSELF: &str = "/proc/self/exe";

/// The supervisor's end: what it says is what is to be cleaned up after its death.
pub(super) struct Guard {
    pid: Pid,
    to: ChildStdin,
    folder: Option<PathBuf>,
    holds: Vec<Hold>,
}

impl Guard {
    /// Starts the guard: before there is any secret, so that it has none.
    pub(super) fn start() -> Result<Self, Failure> {
        let (pid, to) = spawn()?;
        Ok(Self { pid, to, folder: None, holds: Vec::new() })
    }

    /// The guard's process.
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// A folder to be removed.
    pub(super) fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        self.folder = Some(folder.to_owned());
        self.say(FOLDER, folder.as_os_str().as_bytes())
    }

    /// Processes to be killed.
    pub(super) fn watch(&mut self, hold: &Hold) -> Result<(), Failure> {
        self.holds.push(hold.clone());
        self.say(HOLD, hold.to_string().as_bytes())
    }

    /// Processes that are no more: a group's number may be another's soon.
    pub(super) fn forget(&mut self, hold: &Hold) {
        self.holds.retain(|known| known != hold);
        // If the guard died just now, its successor is told of those that are left.
        let _told = self.say(GONE, hold.to_string().as_bytes());
    }

    /// Somebody killed the guard: another one takes over.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        (self.pid, self.to) = spawn()?;
        if let Some(folder) = self.folder.clone() {
            self.folder(&folder)?;
        }
        for hold in std::mem::take(&mut self.holds) {
            self.watch(&hold)?;
        }
        Ok(())
    }

    /// What is said ends in a zero byte, which no path can hold.
    fn say(&mut self, word: &[u8], what: &[u8]) -> Result<(), Failure> {
        self.to.write_all(&[word, what, b"\0"].concat()).map_err(|error| failed(&error))
    }
}

const FOLDER: &[u8] = b"folder ";
const HOLD: &[u8] = b"hold ";
const GONE: &[u8] = b"gone ";

fn spawn() -> Result<(Pid, ChildStdin), Failure> {
    let mut command = Command::new(ITSELF);
    command.arg0("keytide").arg(VERB).env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let to = child.stdin.take().ok_or_else(|| failed(&io::ErrorKind::BrokenPipe.into()))?;
    Ok((Pid::from_child(&child), to))
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(error::UNEXPECTED, format!("the guard of this process cannot be run: {error}"))
}

/// The guard's end.
pub(crate) fn run(_: &GuardArgs) -> Result<Exit, Failure> {
    let supervisors = own_group();
    // In a session of its own it gets no signal that is meant for the supervisor's group.
    let _it_leads_one_already = setsid();
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        let _noted = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
    let left = Left::read(io::stdin().lock());
    for hold in left.holds {
        hold.end(supervisors);
    }
    if let Some(folder) = left.folder {
        deliver::remove(&folder);
    }
    Ok(Exit::Done)
}

/// What a supervisor leaves.
#[derive(Debug, Default, PartialEq, Eq)]
struct Left {
    folder: Option<PathBuf>,
    holds: Vec<Hold>,
}

impl Left {
    /// Listens until the end, which is the supervisor's, however it came about.
    fn read(mut from: impl BufRead) -> Self {
        let mut left = Self::default();
        let mut said = Vec::new();
        while from.read_until(0, &mut said).is_ok() {
            // Without its end it may be half a path or half a number.
            let Some(whole) = said.strip_suffix(b"\0") else { break };
            left.hear(whole);
            said.clear();
        }
        left
    }

    fn hear(&mut self, said: &[u8]) {
        let hold = |said: &[u8]| std::str::from_utf8(said).ok()?.parse::<Hold>().ok();
        if let Some(path) = said.strip_prefix(FOLDER) {
            self.folder = Some(PathBuf::from(OsString::from_vec(path.to_vec())));
        } else if let Some(said) = said.strip_prefix(HOLD) {
            self.holds.extend(hold(said));
        } else if let Some(said) = said.strip_prefix(GONE) {
            self.holds.retain(|known| Some(known) != hold(said).as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(said: &[u8]) -> (Option<PathBuf>, Vec<String>) {
        let Left { folder, holds } = Left::read(said);
        (folder, holds.iter().map(Hold::to_string).collect())
    }

    #[test]
    fn a_path_comes_through_whatever_bytes_it_has() {
        let path = PathBuf::from(OsString::from_vec(b"/a\nfolder /b\xff c".to_vec()));
        let named = [FOLDER, path.as_os_str().as_bytes(), b"\0"].concat();
        let said =
            [&named[..], b"hold group 7\0hold mark x\0hold group 8\0gone group 7\0"].concat();
        assert_eq!(left(&said), (Some(path), vec!["mark x".to_owned(), "group 8".to_owned()]));
    }

    #[test]
    fn what_was_cut_off_is_not_acted_on() {
        let seven = vec!["group 7".to_owned()];
        assert_eq!(left(b"hold group 7\0folder /tmp/keytide-run-"), (None, seven));
        assert_eq!(left(b"hold group 123"), (None, vec![]));
        assert_eq!(left(b""), (None, vec![]));
    }
}
