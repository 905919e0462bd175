//! The last step before a program under `run` takes over its process: it is to die with the supervisor.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use crate::error::{self, Failure};

/// Become a program that ends with its parent
#[derive(Args)]
pub(crate) struct LaunchArgs {
    /// The parent's process
    parent: i32,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// The name by which the supervisor calls this.
pub(super) const VERB: &str = "__launch";

/// As shells have it.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;

/// Becomes the program. It comes back only where that cannot be: with the status and the reason.
pub(crate) fn run(args: &LaunchArgs) -> (u8, Failure) {
    // The kernel sends it when the thread that started this process ends: the supervisor's main one.
    // Not every system has it; the guard ends the program all the same.
    let _best_effort = set_parent_process_death_signal(Some(Signal::KILL));
    let parent = getppid().map_or(0, |parent| parent.as_raw_nonzero().get());
    if parent != args.parent {
        let message = "the supervisor ended before the program was started";
        return (NOT_RUN, Failure::new(error::COMMAND_NOT_RUN, message));
    }
    let Some((program, rest)) = args.command.split_first() else {
        return (NOT_RUN, Failure::wrong_use("there is no program to run"));
    };
    let why = Command::new(program).args(rest).exec();
    let message = format!("`{}` cannot be run: {why}", program.display());
    let status = if why.kind() == ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN };
    (status, Failure::new(error::COMMAND_NOT_RUN, message))
}
