//! The embedded store's master key under a key manager's key: the file in its place, and the manager asked.

use std::path::Path;
use std::sync::Arc;

use keytide_jose::Secret;
use keytide_store::{MasterKey, WRAPPED_MASTER_KEY_FILE, wrapped_master_key};
use keytide_sync::{Surroundings, ThisProcess, Wrap, WrapSpec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{self, Failure};
use crate::wait::wait;

/// What lies beside the store.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    /// How the manager is reached.
    manager: Value,
    /// What it made of the master key.
    wrapped: String,
}

/// The master key of the store in `folder`, if a manager keeps it wrapped: the manager is asked for it.
///
/// # Errors
/// Whatever keeps the manager from it, or a file that is none of ours.
pub(crate) fn master_key(folder: &Path) -> Result<Option<MasterKey>, Failure> {
    let Some(file) = wrapped_master_key(folder)? else { return Ok(None) };
    let path = folder.join(WRAPPED_MASTER_KEY_FILE);
    let not_ours = |why: String| {
        Failure::new(error::BAD_JSON, format!("{}: {why}", path.display()))
            .hint("Put the file back as `keytide seal --wrap` wrote it, or the master key itself beside the store.")
    };
    let Wrapped { manager, wrapped } = serde_json::from_slice(file.expose()).map_err(|error| {
        // The text around a mistake may be a key that was put there by hand.
        let (line, column) = (error.line(), error.column());
        not_ours(format!("it is none of Keytide's (line {line}, column {column})"))
    })?;
    let spec = WrapSpec::read(manager.to_string().as_bytes()).map_err(of_manager)?;
    let manager = spec.open(&surroundings()).map_err(of_manager)?;
    let line = asked(manager.unwrap(&wrapped))?;
    let text = std::str::from_utf8(line.expose()).unwrap_or_default();
    Ok(Some(MasterKey::parse(text)?))
}

/// What is to lie beside the store in place of the master key, of which `line` is the text. The manager
/// was asked for it again, and gave it back.
///
/// # Errors
/// Whatever keeps the manager from it.
pub(crate) fn wrap(spec: WrapSpec, line: &Secret) -> Result<Vec<u8>, Failure> {
    let manager = spec.settings().clone();
    let key = spec.open(&surroundings()).map_err(of_manager)?;
    let wrapped = asked(wrap_and_check(key.as_ref(), line))?;
    let mut file = serde_json::to_vec_pretty(&Wrapped { manager, wrapped })
        .map_err(|error| Failure::unexpected(&error))?;
    file.push(b'\n');
    Ok(file)
}

async fn wrap_and_check(key: &dyn Wrap, line: &Secret) -> Result<String, keytide_sync::Error> {
    let wrapped = key.wrap(line).await?;
    if key.unwrap(&wrapped).await?.expose() == line.expose() {
        return Ok(wrapped);
    }
    let (place, why) = ("the key manager".to_owned(), "it gave back another key".to_owned());
    Err(keytide_sync::Error::NotConverged { place, why })
}

fn asked<T>(work: impl Future<Output = Result<T, keytide_sync::Error>>) -> Result<T, Failure> {
    wait(work).map_err(|error| Failure::unexpected(&error))?.map_err(of_manager)
}

/// A key manager's failure, which holds up nothing but what was asked of it.
pub(crate) fn of_manager(error: keytide_sync::Error) -> Failure {
    let failure = Failure::from(error);
    let hint = match failure.code.as_ref() {
        "bad_target" => {
            "Correct the setting that the message names; `keytide seal --help` shows what a manager takes."
        }
        "no_credentials" => {
            "Set what the message names in the environment of this process, or make its file readable."
        }
        "target_denied" => {
            "Check the role or policy behind the credentials: they must be allowed to encrypt and to decrypt \
             with the key."
        }
        "target_throttled" => "Try again after the time that it asks for.",
        "target_unreachable" => {
            "Check the key manager's address and its health, and try again; nothing was changed."
        }
        "target_refused" => {
            "The message holds the key manager's own words; check the key's name and the other settings."
        }
        "not_converged" => "Nothing was changed; see which key the key manager unwraps with.",
        _ => return failure,
    };
    failure.hint(hint)
}

fn surroundings() -> Arc<dyn Surroundings> {
    Arc::new(ThisProcess::default())
}
