//! A target's settings, opened; and what settings that come over the network may name of the server's machine.

use std::path::{Component, PathBuf};
use std::sync::Arc;

use keytide_jose::Secret;
use keytide_server::Remote;
use keytide_sync::{Common, Error, Reach, Surroundings, Target, TargetSpec};
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
    /// Refuses settings that would have the server write where its operator did not permit it, or send
    /// something of its machine elsewhere. What is left of the machine, variables that are meant for it
    /// and the machine's own identity, is for callers that speak for all rings: it belongs to none.
    ///
    /// # Errors
    /// `bad_target`.
    pub(crate) fn check(&self, settings: &Secret, who: Remote) -> Result<(), Error> {
        let spec = TargetSpec::read(settings.expose())?;
        let refusals = spec.reaches().into_iter();
        match refusals.filter_map(|reach| self.refusal(reach, who)).next() {
            Some(why) => Err(Error::BadTarget { why }),
            None => Ok(()),
        }
    }

    fn refusal(&self, reach: Reach, who: Remote) -> Option<String> {
        let of_some = who == Remote::ForSomeRings;
        match reach {
            Reach::Writes(path) => {
                let plain = path.components().all(|part| part != Component::ParentDir);
                let within = self.folders.iter().any(|folder| path.starts_with(folder));
                let folders: Vec<_> =
                    self.folders.iter().map(|folder| folder.display().to_string()).collect();
                let which = if folders.is_empty() { "none" } else { &folders.join(", ") };
                (!plain || !within).then(|| {
                    format!(
                        "the server may not write {}: none of its `--sync-files` folders ({which}) \
                         holds it",
                        path.display()
                    )
                })
            }
            Reach::Reads(path) => Some(format!(
                "over the network no file of the server can be named, and `{}` is one",
                path.display()
            )),
            Reach::Variable(name) if !name.starts_with(PERMITTED_VARIABLES) => Some(format!(
                "over the network only variables can be named that begin with \
                 {PERMITTED_VARIABLES}, and `{name}` does not"
            )),
            Reach::Variable(name) => of_some.then(|| {
                format!(
                    "`{name}` belongs to no ring: only an access token for all rings can name it"
                )
            }),
            Reach::Identity { of, elsewhere: true } => Some(format!(
                "over the network {of} cannot be used beside an address of the settings' own: it \
                 would be shown to whatever is there"
            )),
            Reach::Identity { of, elsewhere: false } => of_some.then(|| {
                format!("{of} belongs to no ring: only an access token for all rings can use it")
            }),
            Reach::Delegates(what) => Some(format!("over the network no {what} can be given")),
            // What a later version makes use of is not permitted by this one.
            _ => Some("over the network these settings are not understood".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(settings: &Value, who: Remote) -> Result<(), Error> {
        let permitted = Permitted { folders: vec!["/run/copies".into()] };
        permitted.check(&Secret::new(settings.to_string().into_bytes()), who)
    }

    fn google(credentials: &Value) -> Value {
        json!({"kind":"gcp","project":"p","secret":"s",
            "credentials":{"sealed":credentials.to_string()}})
    }

    #[test]
    fn over_the_network_nothing_of_the_servers_machine_is_named_that_was_not_permitted() {
        let file = |path: &str| json!({"kind":"file","path":path,"form":"json"});
        let vault = |auth: &Value| json!({"kind":"vault","address":"https://a.example","path":"p","auth":auth});
        let token = |token: &Value| vault(&json!({"method":"token","token":token}));
        let azure = |rest: &[(&str, Value)]| {
            let mut settings = json!({"kind":"azure","vault":"https://v.vault.azure.net",
                "secret":"s"});
            for (name, value) in rest {
                settings[*name] = value.clone();
            }
            settings
        };
        let pod = json!({"method":"workload_identity","tenant_id":"t","client_id":"c",
            "token_file":"/var/lib/keytide/master.key"});
        let federation = json!({"type":"external_account","audience":"a",
            "subject_token_type":"t","token_url":"https://a.example",
            "credential_source":{"file":"/var/lib/keytide/master.key"}});
        let key = json!({"type":"service_account","client_email":"a","private_key":"k",
            "token_uri":"https://a.example/token"});
        for settings in [
            file("/etc/passwd"),
            file("/run/copies/../x"),
            file("/run/copies2/x"),
            token(&json!({"env":"KEYTIDE_MASTER_KEY"})),
            token(&json!({"file":"/etc/shadow"})),
            vault(&json!({"method":"kubernetes","role":"r"})),
            azure(&[("auth", pod)]),
            azure(&[("ca", json!("/etc/shadow"))]),
            azure(&[("verify_domain", json!(false))]),
            azure(&[("authority", json!("https://a.example"))]),
            google(&federation),
            google(&key),
            json!({"kind":"gcp","project":"p","secret":"s","endpoint":"https://a.example"}),
            json!({"kind":"aws","secret":"s","endpoint":"https://a.example"}),
            json!({"kind":"kubernetes","namespace":"n","name":"s","ca":"/etc/shadow"}),
        ] {
            let error = check(&settings, Remote::ForAllRings).unwrap_err();
            assert_eq!(error.code(), "bad_target", "{settings}");
        }
    }

    #[test]
    fn what_belongs_to_no_ring_is_for_callers_that_speak_for_all() {
        for settings in [
            json!({"kind":"vault","address":"https://a.example","path":"p",
                "auth":{"method":"token","token":{"env":"KEYTIDE_TARGET_VAULT"}}}),
            json!({"kind":"aws","secret":"s","region":"eu-central-1"}),
            json!({"kind":"azure","vault":"https://v.vault.azure.net","secret":"s"}),
            json!({"kind":"gcp","project":"p","secret":"s"}),
            json!({"kind":"kubernetes","namespace":"n","name":"s"}),
        ] {
            check(&settings, Remote::ForAllRings).unwrap();
            assert_eq!(
                check(&settings, Remote::ForSomeRings).unwrap_err().code(),
                "bad_target",
                "{settings}"
            );
        }
    }

    #[test]
    fn what_settings_bring_themselves_is_for_everybody() {
        let key = json!({"type":"service_account","client_email":"a","private_key":"k",
            "token_uri":"https://oauth2.googleapis.com/token"});
        for settings in [
            json!({"kind":"file","path":"/run/copies/a.json","form":"json"}),
            json!({"kind":"vault","address":"https://a.example","path":"p",
                "auth":{"method":"token","token":{"sealed":"t"}}}),
            json!({"kind":"aws","secret":"s","endpoint":"https://a.example",
                "access_key":{"id":"i","secret":{"sealed":"k"}}}),
            json!({"kind":"azure","vault":"https://v.vault.azure.net","secret":"s","auth":{
                "method":"client_secret","tenant_id":"t","client_id":"c",
                "client_secret":{"sealed":"k"}}}),
            google(&key),
        ] {
            check(&settings, Remote::ForSomeRings).unwrap();
        }
    }
}
