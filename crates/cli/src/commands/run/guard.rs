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
use rustix::process::{Pid, Signal, kill_process_group, setsid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::deliver;
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
    groups: Vec<Pid>,
}

impl Guard {
    /// Starts the guard: before there is any secret, so that it has none.
    pub(super) fn start() -> Result<Self, Failure> {
        let (pid, to) = spawn()?;
        Ok(Self { pid, to, folder: None, groups: Vec::new() })
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

    /// A process group to be killed.
    pub(super) fn group(&mut self, leader: Pid) -> Result<(), Failure> {
        self.groups.push(leader);
        self.say(GROUP, leader.as_raw_nonzero().to_string().as_bytes())
    }

    /// A process group that is no more: its number may be another's soon.
    pub(super) fn forget(&mut self, leader: Pid) {
        self.groups.retain(|known| *known != leader);
        // If the guard died just now, its successor is told of those that are left.
        let _told = self.say(GONE, leader.as_raw_nonzero().to_string().as_bytes());
    }

    /// Somebody killed the guard: another one takes over.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        (self.pid, self.to) = spawn()?;
        if let Some(folder) = self.folder.clone() {
            self.folder(&folder)?;
        }
        for group in std::mem::take(&mut self.groups) {
            self.group(group)?;
        }
        Ok(())
    }

    /// What is said ends in a zero byte, which no path can hold.
    fn say(&mut self, word: &[u8], what: &[u8]) -> Result<(), Failure> {
        self.to.write_all(&[word, what, b"\0"].concat()).map_err(|error| failed(&error))
    }
}

const FOLDER: &[u8] = b"folder ";
const GROUP: &[u8] = b"group ";
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
    // In a session of its own it gets no signal that is meant for the supervisor's group.
    let _it_leads_one_already = setsid();
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        let _noted = signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)));
    }
    let left = Left::read(io::stdin().lock());
    for group in left.groups {
        let _it_may_be_over = kill_process_group(group, Signal::KILL);
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
    groups: Vec<Pid>,
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
        let number =
            |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok().and_then(Pid::from_raw);
        if let Some(path) = said.strip_prefix(FOLDER) {
            self.folder = Some(PathBuf::from(OsString::from_vec(path.to_vec())));
        } else if let Some(leader) = said.strip_prefix(GROUP) {
            self.groups.extend(number(leader));
        } else if let Some(leader) = said.strip_prefix(GONE) {
            self.groups.retain(|known| Some(*known) != number(leader));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(said: &[u8]) -> (Option<PathBuf>, Vec<i32>) {
        let Left { folder, groups } = Left::read(said);
        (folder, groups.into_iter().map(|group| group.as_raw_nonzero().get()).collect())
    }

    #[test]
    fn a_path_comes_through_whatever_bytes_it_has() {
        let path = PathBuf::from(OsString::from_vec(b"/a\nfolder /b\xff c".to_vec()));
        let said = [FOLDER, path.as_os_str().as_bytes(), b"\0group 7\0group 8\0gone 7\0"].concat();
        assert_eq!(left(&said), (Some(path), vec![8]));
    }

    #[test]
    fn what_was_cut_off_is_not_acted_on() {
        assert_eq!(left(b"group 7\0folder /tmp/keytide-run-"), (None, vec![7]));
        assert_eq!(left(b"group 123"), (None, vec![]));
        assert_eq!(left(b""), (None, vec![]));
    }
}
