//! `keytide reference`: the generated references as Markdown, from the program's own tables.

use std::fmt::Write as _;

use clap::{Args, Command, CommandFactory, ValueEnum};
use keytide_server::{ROUTES, Route};

use crate::args::Cli;
use crate::config::VARIABLES;
use crate::error::{CODES, Exit, Failure};
use crate::output::Output;

/// Print a reference as Markdown
#[derive(Args)]
pub(crate) struct ReferenceArgs {
    /// Which one
    #[arg(value_enum)]
    about: About,
}

#[derive(Clone, Copy, ValueEnum)]
enum About {
    /// Every command and option
    Cli,
    /// Every error code
    Errors,
    /// Every route of the server
    Http,
    /// Every environment variable
    Env,
}

/// The same on every terminal.
const WIDTH: usize = 100;

/// Prints it.
pub(crate) fn run(args: &ReferenceArgs, output: &Output) -> Result<Exit, Failure> {
    let text = match args.about {
        About::Cli => cli(),
        About::Errors => errors(),
        About::Http => http(),
        About::Env => env(),
    };
    output.bytes(text.as_bytes())?;
    Ok(Exit::Done)
}

fn cli() -> String {
    let mut command = Cli::command().term_width(WIDTH);
    command.build();
    let mut text = String::from("# Commands\n\nEach command tells the same with `--help`.\n");
    describe(&mut command, "keytide", &mut text);
    text
}

fn describe(command: &mut Command, path: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _infallible = write!(text, "\n## `{path}`\n\n```text\n{}\n```\n", lines.join("\n").trim());
    for sub in command.get_subcommands_mut() {
        if !sub.is_hide_set() && sub.get_name() != "help" {
            let path = format!("{path} {}", sub.get_name());
            describe(sub, &path, text);
        }
    }
}

fn errors() -> String {
    let mut text = String::from(
        "# Errors\n\nThe same code stands in Rust, over HTTP (`code` of the problem details) and on \
         the command line. A code keeps its meaning across releases.\n",
    );
    let mut section = |title: &str, rows: Vec<[&str; 3]>| {
        let _infallible =
            write!(text, "\n## {title}\n\n| code | meaning | what to do |\n|---|---|---|\n");
        for [code, meaning, hint] in rows {
            let _infallible = writeln!(text, "| `{code}` | {} | {} |", cell(meaning), cell(hint));
        }
    };
    let rows = |codes: &'static [keytide_jose::Code]| {
        codes.iter().map(|code| [code.code, code.meaning, code.hint]).collect()
    };
    section("Keys and tokens", rows(keytide_jose::CODES));
    section("Rings and stores", rows(keytide_ring::CODES));
    section("Opening a store", rows(keytide_store::CODES));
    section("The server", rows(keytide_server::CODES));
    section("Keys that are fetched", rows(keytide_client::CODES));
    section("Copies elsewhere", rows(keytide_sync::CODES));
    let scan = keytide_scan::CODES.iter().map(|code| [code.code, code.meaning, code.hint]);
    section("Scanning", scan.collect());
    let own = CODES.iter().map(|code| [code.code, code.meaning, code.hint]).collect();
    section("The command line", own);
    text
}

fn http() -> String {
    let mut text = String::from(
        "# HTTP\n\nBodies are JSON. Everything but what is public needs `Authorization: Bearer` with \
         an access token that has the permission. Errors are problem details (RFC 9457) with `code` \
         and `hint`; the codes are in [errors.md](errors.md). Where it says so, a request takes \
         `?dry_run=true`: it answers what would happen, or the refusal, and to those with `read-rings` in \
         `explain` what the ring would do from then on, and changes nothing. Any other request with it is \
         refused, as is every unknown name in the query of one that takes some.\n",
    );
    for route in ROUTES {
        let needs = route
            .permission
            .map_or_else(|| "public".to_owned(), |name| format!("permission `{name}`"));
        let tried = if route.dry_run { "; takes `?dry_run=true`" } else { "" };
        let Route { method, path, about, .. } = route;
        let _infallible = write!(text, "\n## `{method} {path}`\n\n{about} ({needs}{tried})\n");
        for (what, example) in [("Body", route.body), ("Answer", route.answer)] {
            let _infallible = match example.chars().next() {
                None => Ok(()),
                Some('{') => write!(text, "\n{what}:\n\n```text\n{example}\n```\n"),
                Some(_) => write!(text, "\n{what}: {example}\n"),
            };
        }
    }
    text
}

fn env() -> String {
    let mut text = String::from(
        "# Environment variables\n\nAn option goes before its variable. An empty variable counts as not \
         set.\n\n| variable | meaning | default |\n|---|---|---|\n",
    );
    for variable in VARIABLES {
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} |",
            variable.name,
            cell(variable.what),
            cell(variable.default)
        );
    }
    text
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
