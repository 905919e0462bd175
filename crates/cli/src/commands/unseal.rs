//! `keytide unseal`: the master key of the embedded store put back beside it, out of shares or of its wrap.

use std::sync::Arc;

use clap::Args;
use keytide_ring::Clock;
use keytide_store::{MasterKeySource, SqliteStore};

use crate::args::StorePlace;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local;
use crate::output::Output;
use crate::rings::store_folder;
use crate::shares;
use crate::wrapped;

/// Put the master key of the embedded store back beside it, out of shares or of its wrap
///
/// Where a key manager keeps it wrapped, that is asked for it. Otherwise shares are asked for on the
/// terminal, or read from stdin, one a line. To open the store once and leave it sealed, say `--unseal`
/// with another command instead.
#[derive(Args)]
#[command(after_help = "\
Examples:
  head -n 3 shares.txt | keytide unseal")]
pub(crate) struct UnsealArgs {
    #[command(flatten)]
    store: StorePlace,
}

/// Puts it back.
pub(crate) fn run(args: UnsealArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let place = StorePlace { unseal: false, ..args.store };
    let folder = store_folder(place.store.as_ref(), config);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let wrapped = wrapped::master_key(&folder)?;
    let was_wrapped = wrapped.is_some();
    let master = wrapped.map_or_else(shares::ask, Ok)?;
    let copy = master.duplicate();
    let options = local::options(&place, config, &clock)?.master_key(MasterKeySource::Given(copy));
    let store = SqliteStore::open(&folder, options)?.store;
    store.unseal_master_key(&folder, &master, &local::actor(config))?;
    if was_wrapped {
        store.forget_wrapped_master_key(&folder)?;
    }
    output.say(format_args!("the master key is beside the store in {} again", folder.display()));
    Ok(Exit::Done)
}
