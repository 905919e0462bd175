//! `keytide completions`: a shell's completions, from the same table as the help.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::error::{Exit, Failure};
use crate::output::Output;

/// Print the completions for a shell
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide completions bash > keytide.bash
  keytide completions zsh > _keytide")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints them.
pub(crate) fn run(args: &CompletionsArgs, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "keytide", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}
