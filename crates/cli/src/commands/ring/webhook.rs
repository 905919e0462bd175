//! `keytide ring webhook`: who is told of a ring's changes by HTTP.

use clap::{Args, Subcommand};
use keytide_ring::{Attempt, RingName, WebhookView};
use serde_json::json;

use super::given_name;
use crate::args::Place;
use crate::config::Config;
use crate::error::Failure;
use crate::output::{Output, STRONG, visible};
use crate::rings::{self, Declared};

/// Have a ring's changes told to others, signed
///
/// A server posts a small JSON for each new epoch, without secrets, signed as Standard Webhooks are; what
/// fails is tried again, with waits that double up to an hour. Changes that come quickly are told together.
#[derive(Args)]
pub(super) struct WebhookArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Add(AddArgs),
    List(ListArgs),
    Deliveries(DeliveriesArgs),
    Remove(RemoveArgs),
}

/// Declare a webhook, and print the secret that its messages are signed with, this once
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring webhook add shop.development https://ops.example/keys")]
struct AddArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// Where messages are posted to
    #[arg(value_name = "URL")]
    url: String,

    #[command(flatten)]
    place: Place,
}

/// List the webhooks of a ring, and how far each is told
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring webhook list shop.development")]
struct ListArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    #[command(flatten)]
    place: Place,
}

/// Print the last attempts to tell a webhook
#[derive(Args)]
#[command(after_help = "\
Examples:
  ID=$(keytide ring webhook list shop.development | head -n 1 | cut -d' ' -f1)
  keytide ring webhook deliveries shop.development \"$ID\"")]
struct DeliveriesArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The webhook
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,

    #[command(flatten)]
    place: Place,
}

/// Take a webhook away
#[derive(Args)]
#[command(after_help = "\
Examples:
  ID=$(keytide ring webhook list shop.development | head -n 1 | cut -d' ' -f1)
  keytide ring webhook remove shop.development \"$ID\"")]
struct RemoveArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The webhook
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,

    #[command(flatten)]
    place: Place,
}

/// Does to webhooks what is asked.
pub(super) fn run(args: WebhookArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    match args.verb {
        Verb::Add(AddArgs { name, url, place }) => {
            let rings = rings::open(&place, config, output)?;
            let Declared { webhook, secret } = rings.add_webhook(&name, &url)?;
            if output.is_json() {
                let mut json = json!(webhook);
                json["secret"] = String::from_utf8_lossy(secret.expose()).into();
                return output.json(&json);
            }
            output.bytes(secret.expose())?;
            output.bytes(b"\n")?;
            output.say(format_args!(
                "that secret signs what webhook {} is told; it is shown this once",
                webhook.id
            ));
            Ok(())
        }
        Verb::List(ListArgs { name, place }) => {
            let webhooks = rings::open(&place, config, output)?.webhooks(&name)?;
            if output.is_json() {
                return output.json(&json!({ "webhooks": webhooks }));
            }
            if webhooks.is_empty() {
                output.say(format_args!("ring {name} has no webhooks"));
            }
            webhooks.iter().try_for_each(|webhook| output.line(told(webhook, output)))
        }
        Verb::Deliveries(DeliveriesArgs { name, id, place }) => {
            let webhooks = rings::open(&place, config, output)?.webhooks(&name)?;
            let Some(webhook) = webhooks.into_iter().find(|webhook| webhook.id == id) else {
                return Err(keytide_ring::Error::WebhookNotFound { ring: name, id }.into());
            };
            if output.is_json() {
                return output.json(&json!({ "attempts": webhook.standing.attempts }));
            }
            if webhook.standing.attempts.is_empty() {
                output.say("there was no attempt yet");
            }
            webhook.standing.attempts.iter().try_for_each(|attempt| output.line(made(attempt)))
        }
        Verb::Remove(RemoveArgs { name, id, place }) => {
            rings::open(&place, config, output)?.remove_webhook(&name, &id)?;
            if output.is_json() {
                return output.json(&json!({ "webhook": id, "removed": true }));
            }
            output.say(format_args!("webhook {} is gone", visible(&id)));
            Ok(())
        }
    }
}

fn told(webhook: &WebhookView, output: &Output) -> String {
    let WebhookView { id, url, standing } = webhook;
    let far = match standing.failures {
        0 => format!("told up to epoch {}", standing.told),
        failures => format!(
            "told up to epoch {}, {failures} failed since, tried again at {}",
            standing.told,
            standing.next_attempt_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
    };
    format!("{}  {}  {far}", output.styled(STRONG, id), visible(url))
}

fn made(attempt: &Attempt) -> String {
    let Attempt { at, epoch, status, failure } = attempt;
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    match (status, failure) {
        (Some(status), _) => format!("{at}  epoch {epoch}  HTTP {status}"),
        (None, Some(why)) => format!("{at}  epoch {epoch}  {}", visible(why)),
        (None, None) => format!("{at}  epoch {epoch}  no answer"),
    }
}
