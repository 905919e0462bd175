//! `keytide access`: access tokens for a server, with no more permissions than their holder needs.

use clap::{Args, Subcommand};
use keytide_ring::{AccessView, Permission, RingPattern, Span};
use serde_json::json;

use crate::args::{Destination, Place};
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::new_file;
use crate::output::{FAINT, Output, visible};
use crate::rings::{self, Granted};

/// Issue, list and withdraw access tokens
///
/// A server lets nobody in without one. The operator's, made at the first start, permits everything;
/// give each service one of its own that permits what it does.
#[derive(Args)]
pub(crate) struct AccessArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Create(CreateArgs),
    List(ListArgs),
    End(EndArgs),
}

/// Issue an access token and print it, this once
///
/// The permissions are sign, verify, read-rings, read-keys (fetch and acknowledge keys, the secrets of
/// symmetric rings included), rotate, revoke, admin and audit.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide access create --subject billing --permissions sign,verify --expires 30d
  keytide access create --subject worker --permissions read-keys --rings worker.production \\
      --out worker.token")]
struct CreateArgs {
    /// Whom it stands for in the audit log
    #[arg(long, value_name = "SUBJECT")]
    subject: String,

    /// What it permits
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true,
          value_parser = given_permission)]
    permissions: Vec<Permission>,

    /// For which rings: names, where `*` is any part, and at the end all that follow, as in `billing.*`
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "*",
          value_parser = given_pattern)]
    rings: Vec<RingPattern>,

    /// How long it works [default: until it is withdrawn]
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,

    #[command(flatten)]
    to: Destination,

    #[command(flatten)]
    place: Place,
}

/// List whom access tokens were issued to, and what they permit
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide access list")]
struct ListArgs {
    #[command(flatten)]
    place: Place,
}

/// Withdraw every access token of a subject
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide access end billing")]
struct EndArgs {
    /// Whom they stand for
    #[arg(value_name = "SUBJECT")]
    subject: String,

    #[command(flatten)]
    place: Place,
}

/// Does to access tokens what is asked.
pub(crate) fn run(args: AccessArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Create(args) => create(&args, config, output)?,
        Verb::List(ListArgs { place }) => {
            list(&rings::open(&place, config, output)?.list_access()?, output)?;
        }
        Verb::End(EndArgs { subject, place }) => {
            let ended = rings::open(&place, config, output)?.end_access(&subject)?;
            if output.is_json() {
                output.json(&json!({ "ended": ended }))?;
            } else {
                let subject = visible(&subject);
                let tokens = if ended == 1 { "token" } else { "tokens" };
                output.say(format_args!("{ended} access {tokens} of {subject} withdrawn"));
            }
            return Ok(if ended == 0 { Exit::No } else { Exit::Done });
        }
    }
    Ok(Exit::Done)
}

fn create(args: &CreateArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let CreateArgs { subject, permissions, rings, expires, to, place } = args;
    let granted = rings::open(place, config, output)?.grant(
        subject,
        permissions.clone(),
        rings.clone(),
        *expires,
    );
    let Granted { token, access } = granted?;
    if let Some(file) = &to.out {
        let line = keytide_jose::Secret::new([token.expose(), b"\n"].concat());
        new_file::write(file, line.expose(), to.force)?;
        if output.is_json() {
            return output.json(&access);
        }
        output.say(format_args!("the access token of {} is in {}", access.subject, file.display()));
        return Ok(());
    }
    if output.is_json() {
        let mut json = json!(access);
        json["token"] = String::from_utf8_lossy(token.expose()).into();
        return output.json(&json);
    }
    output.bytes(token.expose())?;
    output.bytes(b"\n")?;
    output.say("it is shown this once; the store knows its hash alone");
    Ok(())
}

fn list(all: &[AccessView], output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(&json!({ "access": all }));
    }
    let width =
        all.iter().map(|one| visible(&one.subject).chars().count()).max().unwrap_or(0).max(7);
    let reach =
        |one: &AccessView| one.rings.iter().map(RingPattern::as_str).collect::<Vec<_>>().join(",");
    let wide = all.iter().map(|one| reach(one).chars().count()).max().unwrap_or(0).max(5);
    let head = format!(
        "{:<width$}  {:<20}  {:<20}  {:<wide$}  PERMITS",
        "SUBJECT", "SINCE", "UNTIL", "RINGS"
    );
    output.line(output.styled(FAINT, head))?;
    for one in all {
        let AccessView { subject, permissions, rings: _, created_at, expires_at } = one;
        let permits: Vec<_> = permissions.iter().map(|one| one.as_str()).collect();
        let second = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let until = expires_at.map_or_else(|| "withdrawn".to_owned(), second);
        output.line(format_args!(
            "{:<width$}  {:<20}  {until:<20}  {:<wide$}  {}",
            visible(subject),
            second(*created_at),
            reach(one),
            permits.join(",")
        ))?;
    }
    Ok(())
}

fn given_permission(text: &str) -> Result<Permission, String> {
    text.parse().map_err(|error: keytide_ring::Error| error.to_string())
}

fn given_pattern(text: &str) -> Result<RingPattern, String> {
    text.parse().map_err(|error: keytide_ring::Error| error.to_string())
}
