//! `keytide seal`: the master key of the embedded store split into shares.

use clap::Args;
use keytide_store::Share;

use crate::args::StorePlace;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local::{OpenStore, open_store};
use crate::output::Output;

/// Split the master key of the embedded store into shares, and remove its file
///
/// Each share is printed once, one a line: give each to somebody else. As many as the threshold open
/// the store, whichever they are; fewer tell nothing of the key. The file is removed when the shares,
/// read back, have given the key. From then on a start needs shares: `keytide serve --unseal`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide seal --shares 5 --threshold 3 > shares.txt
  head -n 3 shares.txt | keytide ring list --unseal")]
pub(crate) struct SealArgs {
    /// How many shares
    #[arg(long, value_name = "N")]
    shares: u8,

    /// How many of them open the store
    #[arg(long, value_name = "K")]
    threshold: u8,

    #[command(flatten)]
    store: StorePlace,
}

/// Splits it.
pub(crate) fn run(args: SealArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let SealArgs { shares: count, threshold, store: place } = args;
    if place.master_key.is_some() || place.unseal || config.master_key.is_some() {
        return Err(Failure::wrong_use("only a master key that lies beside the store is sealed"));
    }
    let OpenStore { store, folder, actor, .. } = open_store(&place, config, output, false)?;
    store.seal_master_key(&folder, count, threshold, &actor, |shares| show(shares, output))?;
    output.say(format_args!(
        "the master key's file is removed: {threshold} of these {count} shares open the store, and \
         they are not shown again"
    ));
    Ok(Exit::Done)
}

fn show(shares: &[Share], output: &Output) -> Result<(), Failure> {
    for share in shares {
        output.bytes(&[share.to_line().expose(), b"\n"].concat())?;
    }
    if output.reader_left() {
        return Err(Failure::wrong_use("nobody read the shares: nothing was changed"));
    }
    Ok(())
}
