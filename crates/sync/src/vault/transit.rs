//! A small secret under a key of Vault's or OpenBao's Transit engine, which never leaves it.

use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::BASE64;
use keytide_jose::Secret;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::auth::AuthForm;
use super::session::{self, Session};
use crate::{Error, Surroundings, http};

/// More than any master key: this is no way to encrypt files.
const LARGEST: usize = 4 << 10;

/// The settings of a [`TransitWrap`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitSpec {
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    auth: AuthForm,
    #[serde(default = "default_mount")]
    mount: String,
    key: String,
}

fn default_mount() -> String {
    "transit".to_owned()
}

/// Wraps and unwraps by a key of the Transit engine.
pub struct TransitWrap {
    session: Session,
    mount: String,
    key: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

impl TransitSpec {
    /// Reads settings: `{"address": …, "auth": …, "key": …}` and optionally `mount`, `namespace`, `ca`.
    ///
    /// # Errors
    /// `bad_target`, without a credential in it.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let spec: Self = crate::spec::parsed(text, "Transit")?;
        http::url(&spec.address)?;
        http::check_path("mount", &spec.mount)?;
        http::check_path("key", &spec.key)?;
        spec.auth.check()?;
        Ok(spec)
    }

    /// Nothing is asked of the server yet.
    ///
    /// # Errors
    /// `bad_target` for a certificate that cannot be read.
    pub fn open(self, around: &Arc<dyn Surroundings>) -> Result<TransitWrap, Error> {
        let Self { address, namespace, ca, auth, mount, key } = self;
        let address = http::url(&address)?;
        let session = Session::open(address, ca.as_deref(), namespace, auth, Arc::clone(around))?;
        Ok(TransitWrap { session, mount, key })
    }
}

impl TransitWrap {
    /// The secret under the key's latest version, as text that begins with `vault:v`.
    ///
    /// # Errors
    /// As a target's; `target_refused` for more than 4 KiB.
    pub async fn wrap(&self, secret: &Secret) -> Result<String, Error> {
        if secret.len() > LARGEST {
            let why = format!("it wraps at most {LARGEST} bytes, not {}", secret.len());
            return Err(Error::Refused { place: self.place("encrypt"), why });
        }
        let mut text = vec![0; BASE64.encode_len(secret.len())];
        BASE64.encode_mut(secret.expose(), &mut text);
        let body = member("plaintext", &Secret::new(text));
        let Encrypted { ciphertext } = self.ask("encrypt", &body).await?;
        if ciphertext.starts_with("vault:v") {
            return Ok(ciphertext);
        }
        let why = "its ciphertext does not begin with `vault:v`".to_owned();
        Err(Error::Refused { place: self.place("encrypt"), why })
    }

    /// What [`TransitWrap::wrap`] wrapped.
    ///
    /// # Errors
    /// As a target's.
    pub async fn unwrap(&self, wrapped: &str) -> Result<Secret, Error> {
        let body = member("ciphertext", &Secret::new(wrapped.as_bytes().to_vec()));
        let Decrypted { plaintext } = self.ask("decrypt", &body).await?;
        let text = Secret::new(plaintext.into_bytes());
        BASE64.decode(text.expose()).map(Secret::new).map_err(|_| Error::Refused {
            place: self.place("decrypt"),
            why: "its plaintext is no base64".to_owned(),
        })
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        what: &str,
        body: &Secret,
    ) -> Result<T, Error> {
        let path = self.path(what);
        let answer = self.session.ask(Method::POST, &path, Some(body)).await?;
        if answer.status != 200 {
            return Err(session::refused(self.place(what), &answer));
        }
        let parsed: Result<Envelope<T>, _> = serde_json::from_slice(answer.body.expose());
        parsed.map(|envelope| envelope.data).map_err(|_| Error::Refused {
            place: self.place(what),
            why: "it answers otherwise than a Transit engine does".to_owned(),
        })
    }

    fn path(&self, what: &str) -> String {
        format!("v1/{}/{what}/{}", self.mount, self.key)
    }

    fn place(&self, what: &str) -> String {
        self.session.url(&self.path(what))
    }
}

/// A JSON object of one text.
fn member(name: &str, text: &Secret) -> Secret {
    let mut body = Vec::with_capacity(name.len() + 6 * text.len() + 8);
    body.extend_from_slice(b"{\"");
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(b"\":");
    let text = std::str::from_utf8(text.expose()).unwrap_or_default();
    serde_json::to_writer(&mut body, text).expect("memory takes it");
    body.push(b'}');
    Secret::new(body)
}
