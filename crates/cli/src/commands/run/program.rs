//! One process of a program: how it is started, what becomes of its output, how it is told to end.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitStatus, kill_process};
use rustix::termios::tcgetpgrp;

use super::deliver::Handed;
use super::hold::{self, Hold};
use super::mask::Secrets;
use super::{guard, launch};
use crate::error::{self, Failure};

/// How processes are started.
pub(super) struct Launcher {
    /// Whether nothing of this process's environment is handed on but PATH.
    pub(super) pristine: Option<OsString>,
    /// The variables that are never handed on.
    pub(super) kept_back: Vec<String>,
    /// Whether secrets are hidden in what is written.
    pub(super) masks: bool,
    /// On a terminal each process stays in this process's group: the terminal's keys reach that, and it may
    /// read what is typed. Elsewhere each leads a group of its own.
    pub(super) shares_terminal: bool,
}

/// Whether a terminal's keys reach this process's group, or will.
pub(super) fn shares_terminal() -> bool {
    let Ok(terminal) = File::open("/dev/tty") else { return false };
    let is_in_front =
        tcgetpgrp(&terminal).is_ok_and(|group| group.as_raw_nonzero().get() == hold::own_group());
    // A job in the background that has the terminal as its stdin may be brought to the front.
    is_in_front || io::stdin().is_terminal()
}

/// A process that runs, or ran.
pub(super) struct Process {
    pid: Pid,
    hold: Hold,
    /// Disconnected once all that it wrote has been passed on.
    written: Receiver<()>,
}

/// How long what a process wrote is waited for after its end. Whatever it left running in another session
/// may hold its output for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Launcher {
    /// Starts a command with these variables. Called by the main thread alone: the process ends with the
    /// thread that started it.
    pub(super) fn start(
        &self,
        command: &[OsString],
        handed: &Handed,
        secrets: &Secrets,
    ) -> Result<Process, Failure> {
        let mut launch = Command::new(guard::ITSELF);
        launch.arg0("keytide").arg(launch::VERB).arg(std::process::id().to_string());
        launch.arg("--").args(command);
        if let Some(path) = &self.pristine {
            launch.env_clear().env("PATH", path);
        }
        for name in &self.kept_back {
            launch.env_remove(name);
        }
        launch.envs(handed.environment.iter().map(|(name, value)| (name, value)));
        if self.masks {
            launch.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        let mark = if self.shares_terminal { Some(hold::mark()?) } else { None };
        match &mark {
            Some(mark) => launch.env(hold::MARK, mark),
            None => launch.process_group(0),
        };
        let mut child = launch.spawn().map_err(|why| {
            Failure::new(error::COMMAND_NOT_RUN, format!("no process can be started: {why}"))
        })?;
        let (writing, written) = channel();
        if let Some(from) = child.stdout.take() {
            pass_on(from, io::stdout(), secrets, &writing);
        }
        if let Some(from) = child.stderr.take() {
            pass_on(from, io::stderr(), secrets, &writing);
        }
        let pid = Pid::from_child(&child);
        Ok(Process { pid, hold: mark.map_or(Hold::Group(pid), Hold::Mark), written })
    }
}

fn pass_on(
    from: impl io::Read + Send + 'static,
    to: impl io::Write + Send + 'static,
    secrets: &Secrets,
    writing: &Sender<()>,
) {
    let (secrets, writing) = (secrets.clone(), writing.clone());
    thread::spawn(move || {
        // Where nobody reads it any more, the process meets a closed pipe, as it would without us.
        let _nobody_reads = secrets.copy(from, to);
        drop(writing);
    });
}

impl Process {
    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// By what that is found which is to be killed after this process's death.
    pub(super) fn hold(&self) -> &Hold {
        &self.hold
    }

    /// Sends a signal to the process itself: what it started is its own affair.
    pub(super) fn signal(&self, signal: Signal) {
        let _it_may_be_over = kill_process(self.pid, signal);
    }

    /// Ends it and what it started, at once.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
        self.kill_what_is_left();
    }

    /// Ends what it left running in its group.
    pub(super) fn kill_what_is_left(&self) {
        self.hold.end(hold::own_group());
    }

    /// Waits until all that it wrote was passed on, within reason.
    pub(super) fn last_words(&self) {
        let _all_or_out_of_time = self.written.recv_timeout(LAST_WORDS);
    }
}

/// The status that a shell would end with.
pub(super) fn status(ended: WaitStatus) -> u8 {
    let status = match (ended.exit_status(), ended.terminating_signal()) {
        (Some(status), _) => status,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 255,
    };
    u8::try_from(status).unwrap_or(255)
}
