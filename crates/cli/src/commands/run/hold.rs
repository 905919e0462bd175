//! By what all that a process started is found, to be ended: its group, or on a terminal a mark in the environment.

use std::fmt;
use std::fs;
use std::os::fd::OwnedFd;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use keytide_jose::{KeyId, SystemRng};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal};

use crate::error::Failure;

/// How it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// All of a group.
    Group(Pid),
    /// Those of the supervisor's own group that have this in the variable [`MARK`].
    Mark(String),
}

/// The variable that holds a mark.
pub(super) const MARK: &str = "KEYTIDE_RUN";

/// A mark that nothing else has.
pub(super) fn mark() -> Result<String, Failure> {
    Ok(KeyId::random(&mut SystemRng)?.as_str().to_owned())
}

impl Hold {
    /// Kills what is found; the group is the supervisor's own.
    pub(super) fn end(&self, own: GroupNumber) {
        match self {
            Self::Group(group) => {
                let _there_may_be_none = kill_process_group(*group, Signal::KILL);
            }
            Self::Mark(mark) => end_marked(mark, own),
        }
    }
}

/// A group's number, which is 0 for one from outside a container.
pub(super) type GroupNumber = i32;

/// This process's group.
pub(super) fn own_group() -> GroupNumber {
    group_of("self").unwrap_or_default()
}

fn group_of(process: impl fmt::Display) -> Option<GroupNumber> {
    let facts = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name may have blanks and brackets in it.
    let (_, facts) = facts.rsplit_once(") ")?;
    facts.split(' ').nth(2)?.parse().ok()
}

fn end_marked(mark: &str, group: GroupNumber) {
    let variable = format!("{MARK}={mark}");
    // Until none is left: one may have started another meanwhile.
    for _ in 0..MOST_ROUNDS {
        let marked: Vec<OwnedFd> =
            processes().filter_map(|pid| marked(pid, group, variable.as_bytes())).collect();
        if marked.is_empty() {
            return;
        }
        for process in marked {
            let _it_may_be_over = pidfd_send_signal(process, Signal::KILL);
        }
        thread::sleep(ROUND);
    }
}

const MOST_ROUNDS: u32 = 100;
const ROUND: Duration = Duration::from_millis(10);

fn processes() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

/// Held before it is looked at, so that its number cannot become another's in between.
fn marked(pid: Pid, group: GroupNumber, variable: &[u8]) -> Option<OwnedFd> {
    let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let pid = pid.as_raw_nonzero();
    if group_of(pid)? != group {
        return None;
    }
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|byte| *byte == 0).any(|one| one == variable).then_some(process)
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "group {}", group.as_raw_nonzero()),
            Self::Mark(mark) => write!(f, "mark {mark}"),
        }
    }
}

impl FromStr for Hold {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(' ') {
            Some(("group", group)) => {
                let group = group.parse().ok().and_then(Pid::from_raw);
                group.map(Self::Group).ok_or(())
            }
            Some(("mark", mark)) => Ok(Self::Mark(mark.to_owned())),
            _ => Err(()),
        }
    }
}
