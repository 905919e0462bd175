//! From arguments to an exit status: parses, refuses core dumps, calls the verb, tells what failed.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::args::{Cli, Command};
use crate::commands::{
    access, audit, backup, check, completions, decode, doctor, key, man, reference, rekey, restore,
    ring, run as run_program, scan, seal, secret, serve, sign, sync, unseal, verify,
};
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::output::Output;

/// Runs the program with these arguments, the first of which is its own name, and this environment.
pub(crate) fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: fn(&str) -> Option<OsString>,
    whole_environment: fn() -> Vec<(OsString, OsString)>,
) -> ExitCode {
    refuse_core_dumps();
    let config = Config::read(environment).with_every(whole_environment);
    let args: Vec<OsString> = args.into_iter().collect();
    match Cli::try_parse_from(&args) {
        Ok(Cli { json, command }) => {
            let output = Output::new(json, &config);
            ExitCode::from(ended(command, &config, &output))
        }
        Err(error) => {
            let json = args.iter().any(|arg| arg == "--json");
            ExitCode::from(not_parsed(&error, json, &config) as u8)
        }
    }
}

/// The status to end with. A program that is run for somebody has its own.
fn ended(command: Command, config: &Config, output: &Output) -> u8 {
    let told = |failure: Failure, status: u8| {
        output.failure(&failure);
        status
    };
    let ended = match command {
        Command::Run(args) => run_program::run(*args, config, output),
        Command::Launch(args) => {
            let (status, failure) = run_program::launch::run(&args);
            return told(failure, status);
        }
        command => call(command, config, output).map(|exit| exit as u8),
    };
    ended.unwrap_or_else(|failure| {
        let exit = failure.exit;
        told(failure, exit as u8)
    })
}

fn call(command: Command, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => serve::run(args, config, output),
        Command::Secret(args) => secret::run(&args, output),
        Command::Key(args) => key::run(args, config, output),
        Command::Sign(args) => sign::run(args, config, output),
        Command::Verify(args) => verify::run(args, config, output),
        Command::Decode(args) => decode::run(&args, output),
        Command::Ring(args) => ring::run(args, config, output),
        Command::Sync(args) => sync::run(args, config, output),
        Command::Scan(args) => scan::run(args, config, output),
        Command::Check(args) => check::run(&args, config, output),
        Command::Doctor(args) => doctor::run(&args, config, output),
        Command::Access(args) => access::run(args, config, output),
        Command::Audit(args) => audit::run(args, config, output),
        Command::Backup(args) => backup::run(args, config, output),
        Command::Restore(args) => restore::run(args, config, output),
        Command::Rekey(args) => rekey::run(args, config, output),
        Command::Seal(args) => seal::run(args, config, output),
        Command::Unseal(args) => unseal::run(args, config, output),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args, output),
        Command::Reference(args) => reference::run(&args, output),
        Command::Guard(args) => run_program::guard::run(&args),
        // These end with a status of their own, above.
        Command::Run(_) | Command::Launch(_) => Ok(Exit::Done),
    }
}

/// Help and version are data; anything else is wrong use, told by clap or, where asked, as JSON.
fn not_parsed(error: &clap::Error, json: bool, config: &Config) -> Exit {
    let told = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if json && !told {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Output::new(json, config).failure(&Failure::wrong_use(message));
        return Exit::WrongUse;
    }
    let _nobody_reads = error.print();
    if told { Exit::Done } else { Exit::WrongUse }
}

/// What is in memory must not reach a disk. A system that refuses the limit keeps its own.
fn refuse_core_dumps() {
    let _best_effort = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
