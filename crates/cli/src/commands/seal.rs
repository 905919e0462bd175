//! `keytide seal`: the master key of the embedded store split into shares, or wrapped by a key manager.

use clap::Args;
use keytide_store::{Share, WRAPPED_MASTER_KEY_FILE, wrapped_master_key};
use keytide_sync::WrapSpec;

use crate::args::StorePlace;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local::{OpenStore, open_store};
use crate::output::Output;
use crate::rings::store_folder;
use crate::source::{Purpose, Source};
use crate::wrapped;

/// Far more than any settings.
const LONGEST_SETTINGS: usize = 64 * 1024;

/// Split the master key of the embedded store into shares, or wrap it, and remove its file
///
/// With `--wrap` a key of Vault's or OpenBao's Transit engine, or of AWS KMS, wraps the master key; it
/// never leaves there. Each start then asks the manager, with credentials of the environment or of a
/// file: the settings lie beside the store and hold none. `keytide unseal` takes it back.
///
/// Each share is printed once, one a line: give each to somebody else. As many as the threshold open
/// the store, whichever they are; fewer tell nothing of the key. The file is removed when the shares,
/// read back, have given the key. From then on a start needs shares: `keytide serve --unseal`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide seal --shares 5 --threshold 3 > shares.txt
  head -n 3 shares.txt | keytide ring list --unseal
  echo '{\"kind\":\"transit\",\"address\":\"https://vault.example:8200\",\"key\":\"keytide\", \\
    \"auth\":{\"method\":\"token\",\"token\":{\"env\":\"VAULT_TOKEN\"}}}' > transit.json
  keytide seal --wrap transit.json
  echo '{\"kind\":\"aws-kms\",\"key_id\":\"alias/keytide\"}' | keytide seal --wrap -")]
pub(crate) struct SealArgs {
    /// How many shares
    #[arg(long, value_name = "N", required_unless_present = "wrap", requires = "threshold")]
    shares: Option<u8>,

    /// How many of them open the store
    #[arg(long, value_name = "K", requires = "shares")]
    threshold: Option<u8>,

    /// Wrap it by a key manager with these settings, a JSON object, instead
    #[arg(long, value_name = "FILE|-|env:NAME", conflicts_with_all = ["shares", "threshold"])]
    wrap: Option<Source>,

    #[command(flatten)]
    store: StorePlace,
}

/// Splits it.
pub(crate) fn run(args: SealArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let SealArgs { shares, threshold, wrap, store: place } = args;
    if place.master_key.is_some() || place.unseal || config.master_key.is_some() {
        return Err(Failure::wrong_use("only a master key that lies beside the store is sealed"));
    }
    // What cannot be understood must not open a store first.
    let spec = wrap.map(|source| {
        let purpose = Purpose { option: "--wrap", limit: LONGEST_SETTINGS };
        WrapSpec::read(source.read(purpose, config)?.expose()).map_err(wrapped::of_manager)
    });
    let spec = spec.transpose()?;
    let folder = store_folder(place.store.as_ref(), config);
    if wrapped_master_key(&folder)?.is_some() {
        let file = folder.join(WRAPPED_MASTER_KEY_FILE);
        let message =
            format!("the master key is sealed already: {} opens the store", file.display());
        return Err(Failure::wrong_use(message)
            .hint("To seal it in another way, take it back first: `keytide unseal`."));
    }
    let OpenStore { store, folder, actor, .. } = open_store(&place, config, output, false)?;
    if let Some(spec) = spec {
        let manager = spec.settings()["kind"].as_str().unwrap_or_default().to_owned();
        store.wrap_master_key(&folder, &manager, &actor, |line| wrapped::wrap(spec, line))?;
        output.say(format_args!(
            "the master key's file is removed: {} is in its place, and {manager} opens it",
            folder.join(WRAPPED_MASTER_KEY_FILE).display()
        ));
        return Ok(Exit::Done);
    }
    let (Some(count), Some(threshold)) = (shares, threshold) else {
        return Err(Failure::wrong_use("say how many shares, and how many of them open the store"));
    };
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
