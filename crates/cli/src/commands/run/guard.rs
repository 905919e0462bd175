//! A small process beside the supervisor that cleans up after it, should it be killed: no program, no file stays.

use std::fs;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use rustix::process::{Pid, Signal, kill_process_group, setsid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

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
        self.say(&format!("folder {}", folder.display()))
    }

    /// A process group to be killed.
    pub(super) fn group(&mut self, leader: Pid) -> Result<(), Failure> {
        self.groups.push(leader);
        self.say(&format!("group {}", leader.as_raw_nonzero()))
    }

    /// A process group that is no more: its number may be another's soon.
    pub(super) fn forget(&mut self, leader: Pid) {
        self.groups.retain(|known| *known != leader);
        // If the guard died just now, its successor is told of those that are left.
        let _told = self.say(&format!("gone {}", leader.as_raw_nonzero()));
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

    fn say(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.to, "{line}").map_err(|error| failed(&error))
    }
}

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
    let mut folder: Option<PathBuf> = None;
    let mut groups: Vec<Pid> = Vec::new();
    // The end of stdin is the supervisor's, however it came about.
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let number = |text: &str| text.parse().ok().and_then(Pid::from_raw);
        match line.split_once(' ') {
            Some(("folder", path)) => folder = Some(PathBuf::from(path)),
            Some(("group", pid)) => groups.extend(number(pid)),
            Some(("gone", pid)) => groups.retain(|known| Some(*known) != number(pid)),
            _ => {}
        }
    }
    for group in groups {
        let _it_may_be_over = kill_process_group(group, Signal::KILL);
    }
    if let Some(folder) = folder {
        let _it_may_be_removed_already = fs::remove_dir_all(folder);
    }
    Ok(Exit::Done)
}
