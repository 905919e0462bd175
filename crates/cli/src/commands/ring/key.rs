//! `keytide ring rotate`, `activate`, `rollback`, `revoke`, `destroy-key`: what is done to a ring's keys.

use clap::Args;
use keytide_jose::KeyId;
use keytide_ring::{Command, RingName, When};

use super::{Trying, change, given_name};
use crate::args::Place;
use crate::commands::key::given_key_id;
use crate::config::Config;
use crate::error::{self, Failure};
use crate::output::Output;
use crate::rings::{self, Doing};

/// Make the published key sign, if that is safe
///
/// Before everybody can know the next key, the switch is refused, with the time from which it is safe
/// and whom it waits for. --when-safe leaves it to the ring to switch as soon as that is so. --force
/// switches all the same: tokens may then be refused until the others catch up.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring rotate shop.development --dry-run --when-safe
  keytide ring rotate shop.development --when-safe
  keytide ring rotate shop.development --force --reason 'trying it out'")]
pub(super) struct RotateArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// First answer for this consumer: it was restarted, and cannot say so itself
    #[arg(long, value_name = "CONSUMER", requires = "reason", conflicts_with = "dry_run")]
    assume_restarted: Option<String>,

    #[command(flatten)]
    moment: Moment,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Make a certain key sign, if it is the published one and that is safe
///
/// Nothing changes if it signs already, so that a repeated command does no harm.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KID=$(keytide ring show shop.development | sed -n 's/^  active *\\([^ ]*\\).*/\\1/p')
  keytide ring activate shop.development \"$KID\"")]
pub(super) struct ActivateArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The key
    #[arg(value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: KeyId,

    #[command(flatten)]
    moment: Moment,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// When a switch is to happen.
#[derive(Args)]
struct Moment {
    /// Now, or not at all (the default)
    #[arg(long, conflicts_with = "when_safe")]
    now: bool,

    /// As soon as it is safe
    #[arg(long, conflicts_with = "force")]
    when_safe: bool,

    /// Switch even before it is safe
    #[arg(long, requires = "reason")]
    force: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Moment {
    fn when(&self) -> When {
        match (self.force, self.when_safe) {
            (true, _) => When::Forced,
            (false, true) => When::WhenSafe,
            (false, false) => When::IfSafe,
        }
    }
}

/// Make the key before sign again
///
/// At once while verifiers have it still. Where it has left the set it is published again, and signs as
/// soon as that is safe. It is there until the rollback window ends, and unless it was revoked.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide ring rollback billing.production --dry-run
  keytide ring rollback billing.production --reason 'the new key stalls the HSM'")]
pub(super) struct RollbackArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Trust a key no more; if it signs, the published key signs at once
///
/// Prints until when verifiers that hold an older set may still trust the key.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KID=$(keytide ring show shop.development | sed -n 's/^  active *\\([^ ]*\\).*/\\1/p')
  keytide ring revoke shop.development \"$KID\" --reason 'laptop stolen'")]
pub(super) struct RevokeArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The key
    #[arg(value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: KeyId,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

/// Destroy a retired or revoked key's secret now, at once and for good
///
/// By itself that happens when the rollback window ends. The audit log keeps that the secret is gone.
#[derive(Args)]
#[command(after_help = "\
Examples:
  KID=$(keytide ring show shop.development | sed -n 's/^  active *\\([^ ]*\\).*/\\1/p')
  keytide ring revoke shop.development \"$KID\" --reason 'laptop stolen' && \\
      keytide ring destroy-key shop.development \"$KID\" --yes --reason 'nobody shall have it'")]
pub(super) struct DestroyKeyArgs {
    /// The ring
    #[arg(value_name = "RING", value_parser = given_name)]
    name: RingName,

    /// The key
    #[arg(value_name = "KID", value_parser = given_key_id, allow_hyphen_values = true)]
    kid: KeyId,

    /// Really
    #[arg(long)]
    yes: bool,

    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,

    #[command(flatten)]
    trying: Trying,

    #[command(flatten)]
    place: Place,
}

pub(super) fn rotate(args: RotateArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let RotateArgs { name, assume_restarted, moment, trying, place } = args;
    let rings = rings::open(&place, config, output)?;
    let (when, reason) = (moment.when(), moment.reason);
    if let Some(consumer) = assume_restarted {
        let assume = Command::Assume { consumer, instance: None, reason: reason.clone() };
        rings.change(&name, assume, Doing::Really)?;
    }
    let command = Command::Activate { kid: None, when, reason };
    change(rings.as_ref(), &name, command, &trying, output)
}

pub(super) fn activate(
    args: ActivateArgs,
    config: &Config,
    output: &Output,
) -> Result<(), Failure> {
    let ActivateArgs { name, kid, moment, trying, place } = args;
    let rings = rings::open(&place, config, output)?;
    let when = moment.when();
    let command = Command::Activate { kid: Some(kid), when, reason: moment.reason };
    change(rings.as_ref(), &name, command, &trying, output)
}

pub(super) fn roll_back(
    args: RollbackArgs,
    config: &Config,
    output: &Output,
) -> Result<(), Failure> {
    let RollbackArgs { name, reason, trying, place } = args;
    let rings = rings::open(&place, config, output)?;
    change(rings.as_ref(), &name, Command::Rollback { reason }, &trying, output).map_err(|failure| {
        match failure.code.as_ref() {
            "activation_too_early" => failure.hint(
                "Wait until then. If the key that signs cannot be trusted, `keytide ring revoke` hands \
                 over to the published one at once.",
            ),
            _ => failure,
        }
    })
}

pub(super) fn revoke(args: RevokeArgs, config: &Config, output: &Output) -> Result<(), Failure> {
    let RevokeArgs { name, kid, reason, trying, place } = args;
    let rings = rings::open(&place, config, output)?;
    change(rings.as_ref(), &name, Command::Revoke { kid, reason }, &trying, output)
}

pub(super) fn destroy(
    args: DestroyKeyArgs,
    config: &Config,
    output: &Output,
) -> Result<(), Failure> {
    let DestroyKeyArgs { name, kid, yes, reason, trying, place } = args;
    if !yes && !trying.dry_run {
        let message = format!("the secret of key `{kid}` would be gone for good");
        return Err(Failure::new(error::CONFIRMATION_NEEDED, message));
    }
    let rings = rings::open(&place, config, output)?;
    change(rings.as_ref(), &name, Command::Destroy { kid, reason }, &trying, output)
}
