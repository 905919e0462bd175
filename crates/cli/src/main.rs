//! The composition root: reads the arguments and the environment, runs one verb, ends with its status.

mod args;
mod clock;
mod commands;
mod config;
mod encoding;
mod error;
mod http;
mod keys;
mod local;
mod new_file;
mod output;
mod progress;
mod remote;
mod rings;
mod run;
mod shares;
mod source;
mod sync;
mod timeline;
mod wait;
mod wrapped;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run(std::env::args_os(), |name| std::env::var_os(name), || std::env::vars_os().collect())
}
