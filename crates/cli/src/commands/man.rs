//! `keytide man`: a man page for each command, from the same table as the help.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use crate::args::Cli;
use crate::error::{self, Exit, Failure};
use crate::output::Output;

/// Write a man page for each command into a folder
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide man man1")]
pub(crate) struct ManArgs {
    /// The folder, made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes them.
pub(crate) fn run(args: &ManArgs, output: &Output) -> Result<Exit, Failure> {
    let folder = &args.folder;
    let unwritable = |error: std::io::Error| {
        let message = format!("{} cannot be written: {error}", folder.display());
        Failure::new(error::FILE_UNWRITABLE, message)
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut command = Cli::command();
    command.build();
    let count = write(&command, "keytide", folder).map_err(unwritable)?;
    output.say(format_args!("wrote {count} man pages to {}", folder.display()));
    Ok(Exit::Done)
}

fn write(command: &Command, name: &str, folder: &Path) -> std::io::Result<usize> {
    let page = clap_mangen::Man::new(command.clone()).title(name.to_owned());
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    fs::write(folder.join(format!("{name}.1")), roff)?;
    let mut count = 1;
    for sub in
        command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        count += write(sub, &format!("{name}-{}", sub.get_name()), folder)?;
    }
    Ok(count)
}
