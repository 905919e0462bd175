//! A target's settings, opened; and what settings that come over the network may name of the server's machine.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use keytide_jose::Secret;
use keytide_sync::{Common, Error, Surroundings, Target, TargetSpec};
use serde_json::{Map, Value};

/// Settings as they were given, understood.
pub(crate) struct Settings {
    /// The place.
    pub(crate) target: Box<dyn Target>,
    /// The terms that every kind of place has.
    pub(crate) common: Common,
    /// All of it for people, without credentials.
    pub(crate) shown: Map<String, Value>,
}

impl Settings {
    /// Reads settings; nothing is asked of the place yet.
    ///
    /// # Errors
    /// `bad_target`, `names_clash`.
    pub(crate) fn read(settings: &Secret, around: &Arc<dyn Surroundings>) -> Result<Self, Error> {
        let spec = TargetSpec::read(settings.expose())?;
        let common = spec.common().clone();
        let shown = match spec.view() {
            Value::Object(shown) => shown,
            _ => Map::new(),
        };
        Ok(Self { target: spec.open(around)?, common, shown })
    }
}

/// What settings that come over the network may name of the machine that the server runs on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permitted {
    /// Folders in which files may be written.
    pub(crate) folders: Vec<PathBuf>,
}

/// Variables that settings over the network may name as credentials begin so.
const PERMITTED_VARIABLES: &str = "KEYTIDE_TARGET_";

impl Permitted {
    /// Refuses settings that would have the server write where its operator did not permit it, or
    /// send a variable or file of its machine elsewhere.
    ///
    /// # Errors
    /// `bad_target`.
    pub(crate) fn check(&self, settings: &Secret) -> Result<(), Error> {
        let shown = TargetSpec::read(settings.expose())?.view();
        if shown["kind"] == "file" {
            let path = Path::new(shown["path"].as_str().unwrap_or_default());
            let plain = path.components().all(|part| part != Component::ParentDir);
            if !plain || !self.folders.iter().any(|folder| path.starts_with(folder)) {
                return Err(Error::BadTarget {
                    why: format!(
                        "the server may not write {}: none of its `--sync-files` folders holds it",
                        path.display()
                    ),
                });
            }
        }
        let auth = &shown["auth"];
        if auth["method"] == "kubernetes" && auth["jwt"].is_null() {
            return Err(Error::BadTarget {
                why: "over the network the server's own service account cannot be named: it would \
                      be sent to whatever address is given"
                    .to_owned(),
            });
        }
        check_credentials(&shown)
    }
}

fn check_credentials(value: &Value) -> Result<(), Error> {
    let bad = |why: String| Err(Error::BadTarget { why });
    match value {
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| match (name.as_str(), member.as_str()) {
                ("env", Some(variable)) if !variable.starts_with(PERMITTED_VARIABLES) => {
                    bad(format!(
                        "over the network only variables can be named that begin with \
                         {PERMITTED_VARIABLES}, and `{variable}` does not"
                    ))
                }
                ("file" | "ca", Some(path)) => bad(format!(
                    "over the network no file of the server can be named, and `{path}` is one"
                )),
                _ => check_credentials(member),
            })
        }
        Value::Array(items) => items.iter().try_for_each(check_credentials),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn over_the_network_nothing_of_the_servers_machine_is_named_that_was_not_permitted() {
        let permitted = Permitted { folders: vec!["/run/copies".into()] };
        let checked = |json: &Value| permitted.check(&Secret::new(json.to_string().into_bytes()));
        let file = |path: &str| json!({"kind":"file","path":path,"form":"json"});
        for path in ["/etc/passwd", "/run/copies/../x", "/run/copies2/x"] {
            assert_eq!(checked(&file(path)).unwrap_err().code(), "bad_target", "{path}");
        }
        checked(&file("/run/copies/a.json")).unwrap();
        for credential in [json!({"env":"KEYTIDE_MASTER_KEY"}), json!({"file":"/etc/shadow"})] {
            let shown = json!({"auth":[{"token":credential}]});
            assert_eq!(check_credentials(&shown).unwrap_err().code(), "bad_target", "{shown}");
        }
        let vault = json!({"kind":"vault","address":"https://a.example","path":"p",
            "auth":{"method":"kubernetes","role":"r"}});
        assert_eq!(checked(&vault).unwrap_err().code(), "bad_target");
        check_credentials(&json!({"token":{"env":"KEYTIDE_TARGET_VAULT"}})).unwrap();
    }
}
