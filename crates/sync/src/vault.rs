//! A copy in a KV engine, version 2, of HashiCorp Vault or OpenBao: one version holds the whole set.
//!
//! Other keys of the same secret are written into each new version as they are. The number of the
//! version is what a write goes over (`cas`), so the server itself compares.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use keytide_jose::Secret;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::http;
use crate::{Document, Error, Held, Names, Reach, Surroundings, Target, Version, reach};
use auth::AuthForm;
use session::{Answer, Session};

mod auth;
mod session;
pub(crate) mod transit;

/// The settings of a target in Vault or OpenBao.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultSpec {
    /// `https://vault.example:8200`.
    address: String,
    /// The namespace, of Vault Enterprise or OpenBao.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// A file of PEM certificates that are trusted instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    /// As whom.
    auth: AuthForm,
    /// Where the engine is mounted.
    #[serde(default = "default_mount")]
    mount: String,
    /// The secret's path in it.
    path: String,
}

fn default_mount() -> String {
    "secret".to_owned()
}

impl VaultSpec {
    pub(crate) fn check(&self) -> Result<(), Error> {
        http::url(&self.address)?;
        http::check_path("mount", &self.mount)?;
        http::check_path("path", &self.path)?;
        self.auth.check()
    }

    pub(crate) fn reaches(&self) -> Vec<Reach> {
        let mut found = reach::of(self.auth.credentials(), self.ca.as_ref());
        if self.auth.is_of_the_pod() {
            found.push(Reach::Identity { of: "the service account of its pod", elsewhere: true });
        }
        found
    }

    pub(crate) fn open(
        self,
        names: Names,
        around: Arc<dyn Surroundings>,
    ) -> Result<VaultTarget, Error> {
        let address = http::url(&self.address)?;
        let session =
            Session::open(address, self.ca.as_deref(), self.namespace, self.auth, around)?;
        let path = format!("v1/{}/data/{}", self.mount, self.path);
        Ok(VaultTarget { session, path, names })
    }
}

/// A copy in Vault or OpenBao.
pub(crate) struct VaultTarget {
    session: Session,
    path: String,
    names: Names,
}

/// What the secret's path holds.
struct Found {
    /// The number of its last version, also of one that was deleted; 0 when there was none.
    version: u64,
    /// Texts under our names.
    ours: BTreeMap<String, Secret>,
    /// Everything else, as it is written.
    others: BTreeMap<String, Secret>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<Versioned<'a>>,
}

#[derive(Deserialize)]
struct Versioned<'a> {
    #[serde(borrow)]
    data: Option<BTreeMap<String, &'a RawValue>>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
}

#[async_trait]
impl Target for VaultTarget {
    fn place(&self) -> String {
        self.session.url(&self.path)
    }

    async fn read(&self) -> Result<Option<Held>, Error> {
        let found = self.look().await?;
        if found.ours.is_empty() {
            return Ok(None);
        }
        let version = Version(found.version.to_string());
        Ok(Some(Held { content: Document::read(found.ours), version }))
    }

    async fn write(&self, document: &Document, over: Option<&Version>) -> Result<(), Error> {
        let found = self.look().await?;
        let known = (!found.ours.is_empty()).then(|| Version(found.version.to_string()));
        if known.as_ref() != over {
            return Err(self.changed(format!("it is at version {}", found.version)));
        }
        self.put(found, document.texts()).await
    }

    async fn delete(&self) -> Result<(), Error> {
        let found = self.look().await?;
        if found.ours.is_empty() {
            return Ok(());
        }
        if !found.others.is_empty() {
            return self.put(found, BTreeMap::new()).await;
        }
        let answer = self.session.ask(Method::DELETE, &self.path, None).await?;
        match answer.status {
            200 | 204 | 404 => Ok(()),
            _ => Err(self.refused(&answer)),
        }
    }
}

impl VaultTarget {
    async fn look(&self) -> Result<Found, Error> {
        let answer = self.session.ask(Method::GET, &self.path, None).await?;
        let none = Found { version: 0, ours: BTreeMap::new(), others: BTreeMap::new() };
        let parsed: Result<Envelope<'_>, _> = serde_json::from_slice(answer.body.expose());
        let versioned = match (answer.status, parsed) {
            (200, Ok(Envelope { data: Some(versioned) })) => versioned,
            // A version that was deleted: a write has to go over its number.
            (404, Ok(Envelope { data: Some(versioned) })) => {
                return Ok(Found { version: versioned.metadata.version, ..none });
            }
            (404, _) => return Ok(none),
            (200, _) => {
                let why = "it answers otherwise than a KV engine of version 2 does".to_owned();
                return Err(Error::Refused { place: self.place(), why });
            }
            _ => return Err(self.refused(&answer)),
        };
        let mut found = Found { version: versioned.metadata.version, ..none };
        for (name, value) in versioned.data.unwrap_or_default() {
            if self.names.all().contains(&name.as_str()) {
                found.ours.insert(name, text(value));
            } else {
                found.others.insert(name, Secret::new(value.get().as_bytes().to_vec()));
            }
        }
        Ok(found)
    }

    /// Writes a version of `texts` and what is not ours over the one that was found.
    async fn put(&self, found: Found, texts: BTreeMap<&str, Secret>) -> Result<(), Error> {
        let size = |(name, value): (usize, &Secret)| 6 * (name + value.len()) + 16;
        let room = texts.iter().map(|(name, text)| size((name.len(), text))).sum::<usize>()
            + found.others.iter().map(|(name, raw)| size((name.len(), raw))).sum::<usize>();
        let mut body = Vec::with_capacity(room + 64);
        body.extend_from_slice(
            format!("{{\"options\":{{\"cas\":{}}},\"data\":{{", found.version).as_bytes(),
        );
        let mut add = |name: &str, value: &dyn Fn(&mut Vec<u8>)| {
            if !body.ends_with(b"{") {
                body.push(b',');
            }
            serde_json::to_writer(&mut body, name).expect("memory takes it");
            body.push(b':');
            value(&mut body);
        };
        for (name, raw) in &found.others {
            add(name, &|body| body.extend_from_slice(raw.expose()));
        }
        for (name, text) in &texts {
            let text = std::str::from_utf8(text.expose()).expect("a document holds texts");
            add(name, &|body| serde_json::to_writer(body, text).expect("memory takes it"));
        }
        body.extend_from_slice(b"}}");
        let answer = self.session.ask(Method::POST, &self.path, Some(&Secret::new(body))).await?;
        match answer.status {
            200 | 204 => Ok(()),
            400 if answer.told.contains("check-and-set") => Err(self.changed(answer.told)),
            _ => Err(self.refused(&answer)),
        }
    }

    fn changed(&self, why: String) -> Error {
        Error::Changed { place: self.place(), why }
    }

    fn refused(&self, answer: &Answer) -> Error {
        session::refused(self.place(), answer)
    }
}

/// A text; what is none is taken as it is written, and is then no text of ours.
fn text(value: &RawValue) -> Secret {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => Secret::new(text.into_bytes()),
        Err(_) => Secret::new(value.get().as_bytes().to_vec()),
    }
}
