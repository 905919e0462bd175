//! `keytide rekey`: another master key for the embedded store, while servers go on.

use std::path::Path;

use clap::Args;
use keytide_store::{OpenError, master_key_files, wrapped_master_key};

use crate::args::StorePlace;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::local::{OpenStore, open_store, read_master_key};
use crate::output::Output;
use crate::rings::store_folder;
use crate::source::Source;

/// Replace the master key of the embedded store
///
/// Servers that have the store open go on; nothing is sealed anew. A master key beside the store is
/// replaced there, and at every moment the file that is there opens the store. Otherwise name the new
/// one: from then on the store opens with that and with no other.
///
/// Backups made earlier open with the master key of their time, or over the store they are of. Whoever
/// copied both an old master key and the database can still read that copy: then rotate the rings too.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide rekey
  keytide secret --format hex --out new.key && keytide rekey --new-master-key new.key")]
pub(crate) struct RekeyArgs {
    /// The new master key, kept elsewhere than beside the store: 32 bytes in hex or base64
    #[arg(long, value_name = "FILE|-|env:NAME")]
    new_master_key: Option<Source>,

    #[command(flatten)]
    store: StorePlace,
}

/// Replaces it.
pub(crate) fn run(args: RekeyArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let RekeyArgs { new_master_key, store: place } = args;
    let is_beside = place.master_key.is_none() && !place.unseal && config.master_key.is_none();
    if is_beside && wrapped_master_key(&store_folder(place.store.as_ref(), config))?.is_some() {
        let message = "a key manager keeps the master key wrapped, so it cannot be replaced here";
        return Err(Failure::wrong_use(message)
            .hint("Say `keytide unseal`, `keytide rekey`, and `keytide seal --wrap` again."));
    }
    if let (Some(source), true) = (&new_master_key, is_beside) {
        check_elsewhere(source, &store_folder(place.store.as_ref(), config))?;
    }
    let new = new_master_key
        .map(|source| read_master_key(&source, "--new-master-key", config))
        .transpose()?;
    if new.is_none() && !is_beside {
        return Err(Failure::wrong_use(
            "the master key is not beside the store, so its new one must be named",
        )
        .hint("Say --new-master-key."));
    }
    let OpenStore { store, folder, actor, .. } = open_store(&place, config, output, false)?;
    let told = match new {
        None => {
            let path = store.replace_master_key_beside(&folder, &actor)?;
            format!("the master key in {} is a new one", path.display())
        }
        Some(new) => {
            if is_beside {
                store.replace_master_key_elsewhere(&folder, &new, &actor)?;
            } else {
                store.replace_master_key(&new, &actor)?;
            }
            "the store opens with the new master key, and with no other".to_owned()
        }
    };
    if output.is_json() {
        output.json(&serde_json::json!({ "replaced": true }))?;
    } else {
        output.line(told)?;
    }
    output.say("keep a copy of the new master key elsewhere: without it the store cannot be read");
    Ok(Exit::Done)
}

/// The file of the old master key is removed: the new one must not be in it.
fn check_elsewhere(source: &Source, folder: &Path) -> Result<(), Failure> {
    match master_key_files(folder).iter().find(|path| source.reads(path)) {
        Some(path) => {
            let what = format!("in `{}`, which is the store's own and is removed", path.display());
            Err(OpenError::MasterKeySame { what }.into())
        }
        None => Ok(()),
    }
}
